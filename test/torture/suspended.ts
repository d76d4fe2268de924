import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogWatch } from './catalogWatch.ts';
import type { TortureEvent } from './tortureEvent.ts';
import { countedWords, type PartResult, type TortureGround } from './tortureGround.ts';
import type { WorkerProcess } from './workerProcess.ts';

const PROCESSES = 4;

/**
 * Processes that suspend themselves between their look at a file and their write to it, or are suspended anywhere,
 * and go on later, while others want the same.
 */
export async function suspended(ground: TortureGround, seconds: number): Promise<PartResult> {
  const { random } = ground;
  const chats = await ground.makeChats(2);
  const watch = new CatalogWatch(ground.root);
  const sleepers = new Set<WorkerProcess>();
  let between = 0;
  let overtaken = 0;

  const onEvent = async (event: TortureEvent, worker: WorkerProcess) => {
    if (event.event === 'continued') sleepers.delete(worker);
    if (event.event !== 'suspending') return;
    between += 1;
    sleepers.add(worker);
    const before = lastChange(ground.root, event.path);
    await delay(random.between(5, 60));
    if (lastChange(ground.root, event.path) !== before) overtaken += 1;
    // Said just before it is so, and a signal that comes too early wakes nobody: so until it says that it goes on.
    while (sleepers.has(worker) && !worker.hasEnded) {
      worker.continue();
      await delay(5);
    }
  };

  const workers = await ground.warmUpAll(PROCESSES, (...heard) => void onEvent(...heard));
  const mix = { send: 8, rename: 3, create: 2, renameOwn: 1, deleteOwn: 1 };
  for (const worker of workers) worker.give(ground.job({ chats, mix, suspends: 0.03 }));
  let anywhere = 0;
  for (const until = performance.now() + seconds * 1000; performance.now() < until; anywhere += 1) {
    const worker = random.pick(workers);
    worker?.suspend();
    await delay(random.between(1, 60));
    worker?.continue();
    await delay(random.between(1, 20));
  }
  await Promise.all(workers.map((worker) => worker.end()));
  watch.end();
  const verdict = await ground.verdict({ isExact: true });
  return {
    counted:
      `${PROCESSES} processes, ${between} times suspended before a write (${overtaken} overtaken), ${anywhere} times ` +
      `anywhere: ${countedWords(verdict)}`,
    violations: [...watch.violations, ...verdict.violations],
  };
}

/** undefined when the file is not there. */
function lastChange(root: string, path: string): string | undefined {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
}
