import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 3000;
const isWindows = process.platform === 'win32';

export interface GroupOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File that takes all output, so that none of it reaches the terminal. */
  readonly log: string;
}

/** A program with all the processes it starts: they end together, and at the latest when this process does. */
export class ProcessGroup {
  readonly #child: ChildProcess;
  /** The exit code; 1 when a signal ended it or it could not be started. */
  readonly exited: Promise<number>;

  constructor(command: string, args: readonly string[], { cwd, env, log }: GroupOptions) {
    const output = openSync(log, 'a');
    this.#child = spawn(command, args, { cwd, env, detached: !isWindows, stdio: ['ignore', output, output] });
    closeSync(output);
    this.exited = new Promise((done) => {
      this.#child.once('error', () => done(1));
      this.#child.once('exit', (code) => done(code ?? 1));
    });
    const killNow = () => this.#signal('SIGKILL');
    process.once('exit', killNow);
    void this.exited.then(() => {
      // What the leader leaves behind has nobody else to end it.
      killNow();
      process.off('exit', killNow);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    await Promise.race([this.exited, sleep(GRACE_MS, undefined, { ref: false })]);
    this.#signal('SIGKILL');
    await this.exited;
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child.pid;
    if (pid === undefined) return;
    if (isWindows) {
      spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // Nothing of the group is left.
    }
  }
}
