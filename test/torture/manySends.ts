import { setTimeout as delay } from 'node:timers/promises';
import { CatalogWatch } from './catalogWatch.ts';
import type { PartResult, TortureGround } from './tortureGround.ts';

/** Several processes send on one chat at the same time. */
export async function manySends(ground: TortureGround, seconds: number, processes: number): Promise<PartResult> {
  const chats = await ground.makeChats(1);
  const watch = new CatalogWatch(ground.root);
  const workers = await ground.warmUpAll(processes);
  for (const worker of workers) worker.give(ground.job({ chats, mix: { send: 1 } }));
  await delay(seconds * 1000);
  await Promise.all(workers.map((worker) => worker.end()));
  watch.end();
  const verdict = await ground.verdict({ isExact: true });
  return {
    counted: `${processes} processes, ${verdict.counts.answered} turns acknowledged; catalog read ${watch.reads} times`,
    violations: [...watch.violations, ...verdict.violations],
  };
}
