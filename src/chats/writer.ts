import type { FileStore, Lease } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { Sequencer } from '../util/sequencer.ts';
import { isChatId, LOCKS, WRITER_PREFIX, writerLock } from './paths.ts';

/** How long to try for the lock of a living writer, in milliseconds; another window that probes it is done by then. */
const PROBE_MS = 10;
const TAKE_MS = 2000;

/** This window as a writer of one store: holds a lock for its life, by which others see that it lives. */
export class Writer implements Disposable {
  readonly id: string;
  readonly #files: FileStore;
  readonly #sequencer = new Sequencer();
  #lease: Lease | undefined;
  #letGo: (() => void) | undefined;

  constructor(files: FileStore, id: string) {
    this.#files = files;
    this.id = id;
  }

  /** Resolves once the lock is held. Called before every ask that names this writer. */
  hold(): Promise<void> {
    return this.#sequencer.run('hold', async () => {
      if (this.#isHeld()) return;
      this.#letGo?.();
      try {
        this.#lease = await this.#take();
      } catch (error) {
        // Who else could hold it than this window, over a connection whose end the server has not noticed yet?
        if (ChatError.from(error).code !== 'contended') throw error;
        return;
      }
      await this.#sweep();
    });
  }

  /** Whether the writer of an ask still lives, here or in another window. */
  async isAlive(writerId: string): Promise<boolean> {
    if (writerId === this.id) return true;
    const lock = writerLock(writerId);
    if (!this.#files.areLocksHidden && !(await this.#files.stat(lock))) return false;
    try {
      await this.#files.exclusive(lock, async () => undefined, { waitMs: PROBE_MS, isLast: true });
      return false;
    } catch (error) {
      const { code } = ChatError.from(error);
      if (code === 'contended') return true;
      // Where nothing can be locked nothing can be asked a second time either, and what there is shall be shown.
      if (code === 'storage') return false;
      throw error;
    }
  }

  dispose(): void {
    this.#letGo?.();
  }

  /** False as well once somebody has removed the folder with the lock: others would take this window for gone. */
  #isHeld(): boolean {
    try {
      this.#lease?.assertHeld();
      return this.#lease !== undefined;
    } catch {
      return false;
    }
  }

  /** Removes the lock files of windows that are gone. */
  async #sweep(): Promise<void> {
    for (const { name } of await this.#files.list(LOCKS)) {
      const id = name.startsWith(WRITER_PREFIX) ? name.slice(WRITER_PREFIX.length) : '';
      if (isChatId(id)) await this.isAlive(id);
    }
  }

  #take(): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const life = (lease: Lease) =>
        new Promise<void>((letGo) => {
          this.#letGo = letGo;
          resolve(lease);
        });
      this.#files.exclusive(writerLock(this.id), life, { isLast: true, waitMs: TAKE_MS }).catch(reject);
    });
  }
}
