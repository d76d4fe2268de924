import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';

export interface TortureServerOptions {
  readonly folder: string;
  readonly seed: number;
  readonly storage: 'disk' | 'object';
}

/** A server seen from outside: killed and started again on the same files and the same port. */
export class TortureServer {
  readonly #options: TortureServerOptions;
  #child: ChildProcess | undefined;
  #address: { readonly url: string; readonly key: string } | undefined;
  #starts = 0;
  #drops = 0;

  private constructor(options: TortureServerOptions) {
    this.#options = options;
  }

  static async start(options: TortureServerOptions): Promise<TortureServer> {
    const server = new TortureServer(options);
    await server.#start();
    return server;
  }

  get address(): { readonly url: string; readonly key: string } {
    if (!this.#address) throw new Error('The server has not started.');
    return this.#address;
  }

  /** How many sockets it has dropped. */
  get drops(): number {
    return this.#drops;
  }

  get crashes(): number {
    return this.#starts - 1;
  }

  /** Dies at once and comes back: what it had not written out is lost. */
  async crash(): Promise<void> {
    await this.kill();
    await this.#start();
  }

  /** No socket is dropped from now on. */
  calm(): void {
    this.#child?.stdin?.write('calm\n');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  async #start(): Promise<void> {
    const { folder, seed, storage } = this.#options;
    const port = this.#address ? new URL(this.#address.url).port : '0';
    const program = join(import.meta.dirname, 'tortureServerProcess.ts');
    const args = ['--port', port, '--folder', folder, '--seed', String(seed + this.#starts), '--storage', storage];
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin?.on('error', () => undefined);
    const killNow = () => child.kill('SIGKILL');
    process.once('exit', killNow);
    child.once('close', () => process.off('exit', killNow));
    this.#child = child;
    this.#starts += 1;
    if (!child.stdout) throw new Error('The server has no output.');
    const lines = createInterface({ input: child.stdout });
    const [first] = await once(lines, 'line');
    this.#address = address.parse(JSON.parse(String(first)));
    lines.on('line', () => {
      this.#drops += 1;
    });
  }
}

const address = z.object({ url: z.string(), key: z.string() });
