import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, checkList, checkVersion, type Verdict } from './checker.ts';
import type { Random } from './random.ts';
import type { TortureEvent } from './tortureEvent.ts';
import type { WorkerJob } from './workerJob.ts';
import { WorkerProcess } from './workerProcess.ts';

export interface PartResult {
  /** What was counted, for the reader. */
  readonly counted: string;
  readonly violations: readonly string[];
}

/** A `.chats` folder with workers on it, and all that they said. */
export class TortureGround {
  readonly folder: string;
  /** The `.chats` folder. */
  readonly root: string;
  readonly random: Random;
  readonly #program: string;
  readonly #workers: WorkerProcess[] = [];

  /**
   * @param options.program the bundled worker
   * @param options.place where the `.chats` folder lies below the folder
   */
  constructor(options: { folder: string; program: string; random: Random; place?: string }) {
    this.folder = options.folder;
    this.root = join(options.folder, options.place ?? '', '.chats');
    this.random = options.random;
    this.#program = options.program;
  }

  get events(): TortureEvent[] {
    return this.#workers.flatMap(({ events }) => events);
  }

  /** A process that loads everything and waits for its job. */
  warmUp(onEvent?: (event: TortureEvent, worker: WorkerProcess) => void): WorkerProcess {
    const worker = new WorkerProcess(this.#program, onEvent);
    this.#workers.push(worker);
    return worker;
  }

  async warmUpAll(count: number, onEvent?: Parameters<TortureGround['warmUp']>[0]): Promise<WorkerProcess[]> {
    const workers = Array.from({ length: count }, () => this.warmUp(onEvent));
    await Promise.all(workers.map(({ ready }) => ready));
    return workers;
  }

  job(job: Omit<WorkerJob, 'root' | 'seed'>): WorkerJob {
    return { root: this.root, seed: this.random.between(1, 2 ** 31), ...job };
  }

  /** New chats with a turn each, for several workers to share. */
  async makeChats(count: number, job: Pick<WorkerJob, 'server'> = {}): Promise<string[]> {
    const maker = this.warmUp();
    maker.give(this.job({ ...job, chats: [], mix: { create: 1 }, rounds: count }));
    await maker.ended;
    return maker.events.flatMap((event) => (event.event === 'created' ? [event.chat] : []));
  }

  /**
   * Holds all that was said against what lies on disk, and against what a fresh process lists.
   * @param kills how many workers were killed
   * @param isExact every change that was said to be done is one of the catalog
   */
  async verdict({ kills = 0, isExact = false }): Promise<Verdict> {
    const versions = kills === 0 ? checkVersion(this.root, this.events, isExact) : [];
    const lister = this.warmUp();
    lister.give(this.job({ chats: [], mix: {}, isListing: true }));
    await lister.ended;
    const { events } = this;
    const listed = lister.events.flatMap((event) => (event.event === 'listed' ? checkList(event.chats, events) : []));
    const { violations, counts } = check(this.root, events, kills);
    const failed = this.#workers.flatMap(({ hasFailed }) => (hasFailed ? ['a worker ended with an error'] : []));
    const isMended = kills === 0 && lister.events.some(({ event }) => event === 'wrote');
    const mended = isMended ? ['catalog: said other than the files, though nobody was killed'] : [];
    return { counts, violations: [...failed, ...versions, ...violations, ...listed, ...mended] };
  }

  /** Puts what the workers said beside what they left; returns where. */
  async keep(): Promise<string> {
    const told = this.events.toSorted((a, b) => a.at - b.at).map((event) => `${JSON.stringify(event)}\n`);
    await writeFile(`${this.root}-told.jsonl`, told.join(''));
    return this.root;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#workers.filter(({ hasEnded }) => !hasEnded).map((worker) => worker.kill()));
  }
}

/** The counts as words for a line. */
export function countedWords({ counts }: Verdict): string {
  return (
    `${counts.chats} chats, ${counts.asked} questions and ${counts.answered} turns acknowledged, ` +
    `${counts.renamed} renames, ${counts.deleted} deletes`
  );
}
