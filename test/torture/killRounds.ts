import { setTimeout as delay } from 'node:timers/promises';
import { CatalogWatch } from './catalogWatch.ts';
import { check } from './checker.ts';
import { countedWords, type PartResult, type TortureGround } from './tortureGround.ts';
import type { WorkerProcess } from './workerProcess.ts';

const CHATS_AT_ONCE = 3;
const KILLS_PER_CHAT = 25;
/** So often a process dies by itself, in the middle of an append, as a kill from outside hardly ever hits it. */
const TEARS = 0.03;
const MIX = { send: 12, rename: 3, create: 2, renameOwn: 1, deleteOwn: 1, check: 1 };

/** Processes work on a chat in pairs; again and again one is killed, anywhere, and what it said is checked. */
export async function killRounds(ground: TortureGround, seconds: number): Promise<PartResult> {
  const until = performance.now() + seconds * 1000;
  const violations: string[] = [];
  const mustGoOn = () => performance.now() < until && violations.length === 0;
  let kills = 0;
  const killSome = async () => {
    while (mustGoOn()) {
      const chats = await ground.makeChats(1);
      const working: WorkerProcess[] = [];
      let spare = ground.warmUp();
      for (let round = 0; round < KILLS_PER_CHAT && mustGoOn(); round += 1) {
        for (; working.length < 2; spare = ground.warmUp()) {
          await spare.ready;
          spare.give(ground.job({ chats, mix: MIX, tears: TEARS }));
          working.push(spare);
        }
        const [victim] = working.splice(ground.random.between(0, 1), 1);
        await killSoon(ground, victim);
        const dead = [victim, ...working.filter(({ hasEnded }) => hasEnded)];
        working.splice(0, 2, ...working.filter(({ hasEnded }) => !hasEnded));
        kills += dead.length;
        violations.push(...check(ground.root, ground.events, kills, { only: chats[0] }).violations);
      }
      await Promise.all([...working, spare].map((worker) => worker.kill()));
      kills += working.length;
    }
  };
  const watch = new CatalogWatch(ground.root);
  await Promise.all(Array.from({ length: CHATS_AT_ONCE }, killSome));
  watch.end();
  const verdict = await ground.verdict({ kills });
  const { torn, unacknowledged } = verdict.counts;
  return {
    counted:
      `${kills} kills: ${countedWords(verdict)}; ${torn} torn lines, ${unacknowledged} turns saved unsaid; ` +
      `catalog read ${watch.reads} times`,
    violations: [...violations, ...watch.violations, ...verdict.violations],
  };
}

async function killSoon({ random }: TortureGround, victim: WorkerProcess | undefined): Promise<void> {
  await delay(random.between(2, 100));
  // Some are suspended first, so that the other has met a holder that does not move.
  if (random.next() < 0.2) {
    victim?.suspend();
    await delay(random.between(1, 40));
  }
  await victim?.kill();
}
