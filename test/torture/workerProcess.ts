import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type TortureEvent, tortureEvent } from './tortureEvent.ts';
import type { WorkerJob } from './workerJob.ts';

/** A worker seen from outside: what it has said so far, and the ways to end or suspend it. */
export class WorkerProcess {
  readonly events: TortureEvent[] = [];
  /** Resolves when the process has ended and all that it said is in `events`. */
  readonly ended: Promise<void>;
  /** Resolves when everything is loaded and the job can come. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #onEvent: (event: TortureEvent, worker: WorkerProcess) => void;
  #hasEnded = false;
  #hasFailed = false;

  /** @param program the bundled worker */
  constructor(program: string, onEvent: (event: TortureEvent, worker: WorkerProcess) => void = () => undefined) {
    this.#onEvent = onEvent;
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Hundreds are started; with their code compiled once it takes half the time.
      env: { ...process.env, NODE_COMPILE_CACHE: dirname(program) },
    });
    // A killed worker can't take its job any more, and need not.
    this.#child.stdin?.on('error', () => undefined);
    const lines = this.#child.stdout ? createInterface({ input: this.#child.stdout }) : undefined;
    this.ready = new Promise((resolve) => lines?.once('line', () => resolve()));
    lines?.on('line', (line) => this.#hear(line));
    const killNow = () => this.#child.kill('SIGKILL');
    process.once('exit', killNow);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        process.off('exit', killNow);
        this.#hasEnded = true;
        this.#hasFailed = code !== 0 && signal !== 'SIGKILL';
        resolve();
      });
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Ended by an error that nobody caught. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  give(job: WorkerJob): void {
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
  }

  /** Lets it finish what it is at. */
  end(): Promise<void> {
    this.#child.stdin?.end();
    return this.ended;
  }

  kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.#child.kill('SIGCONT');
  }

  #hear(line: string): void {
    const event = tortureEvent.parse(JSON.parse(line));
    this.events.push(event);
    this.#onEvent(event, this);
  }
}
