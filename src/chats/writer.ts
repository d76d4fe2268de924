import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { isChatId, LOCKS, WRITER_PREFIX, writerLock } from './paths.ts';

/** This window as a writer of one store: holds a lock for its life, by which others see that it lives. */
export class Writer implements Disposable {
  readonly id: string;
  readonly #files: FileStore;
  #holding: Promise<void> | undefined;
  #letGo: (() => void) | undefined;

  constructor(files: FileStore, id: string) {
    this.#files = files;
    this.id = id;
  }

  /** Resolves once the lock is held. Called before the first ask that names this writer. */
  hold(): Promise<void> {
    this.#holding ??= this.#hold().then(
      () => this.#sweep(),
      (error) => {
        this.#holding = undefined;
        throw error;
      },
    );
    return this.#holding;
  }

  /** Whether the writer of an ask still lives, here or in another window. */
  async isAlive(writerId: string): Promise<boolean> {
    if (writerId === this.id) return true;
    const lock = writerLock(writerId);
    if (!(await this.#files.stat(lock))) return false;
    try {
      await this.#files.exclusive(lock, async () => undefined, { waitMs: 0 });
    } catch (error) {
      if (ChatError.from(error).code === 'contended') return true;
      throw error;
    }
    await this.#files.remove(lock);
    return false;
  }

  dispose(): void {
    this.#letGo?.();
  }

  /** Removes the lock files of windows that are gone. */
  async #sweep(): Promise<void> {
    for (const { name } of await this.#files.list(LOCKS)) {
      const id = name.startsWith(WRITER_PREFIX) ? name.slice(WRITER_PREFIX.length) : '';
      if (isChatId(id)) await this.isAlive(id);
    }
  }

  #hold(): Promise<void> {
    return new Promise((resolve, reject) => {
      const life = async () => {
        resolve();
        await new Promise<void>((letGo) => {
          this.#letGo = letGo;
        });
      };
      this.#files.exclusive(writerLock(this.id), life).catch(reject);
    });
  }
}
