import { setTimeout as delay } from 'node:timers/promises';
import { CatalogWatch } from './catalogWatch.ts';
import { countedWords, type PartResult, type TortureGround } from './tortureGround.ts';

const PROCESSES = 8;
const SHARED = 6;
const FOUGHT_OVER = 25;

/** Eight processes create, rename and delete in one catalog: chats of their own, and titles of chats of all. */
export async function manyChanges(ground: TortureGround, seconds: number): Promise<PartResult> {
  const chats = await ground.makeChats(SHARED);
  const watch = new CatalogWatch(ground.root);
  const mix = { create: 4, renameOwn: 4, deleteOwn: 2, rename: 3, send: 1 };
  await work(ground, chats, mix, seconds);
  watch.end();
  const verdict = await ground.verdict({ isExact: true });
  return {
    counted: `${PROCESSES} processes: ${countedWords(verdict)}; catalog read ${watch.reads} times`,
    violations: [...watch.violations, ...verdict.violations],
  };
}

/** Eight processes rename, answer and delete the same chats. A rename that a delete overtook changes nothing. */
export async function foughtOver(ground: TortureGround, seconds: number): Promise<PartResult> {
  const chats = await ground.makeChats(FOUGHT_OVER);
  const watch = new CatalogWatch(ground.root);
  await work(ground, chats, { rename: 4, send: 1, delete: 3, check: 1 }, seconds);
  watch.end();
  const verdict = await ground.verdict({});
  return {
    counted: `${PROCESSES} processes: ${countedWords(verdict)}; catalog read ${watch.reads} times`,
    violations: [...watch.violations, ...verdict.violations],
  };
}

async function work(
  ground: TortureGround,
  chats: readonly string[],
  mix: Parameters<TortureGround['job']>[0]['mix'],
  seconds: number,
): Promise<void> {
  const workers = await ground.warmUpAll(PROCESSES);
  for (const worker of workers) worker.give(ground.job({ chats: [...chats], mix }));
  await delay(seconds * 1000);
  await Promise.all(workers.map((worker) => worker.end()));
}
