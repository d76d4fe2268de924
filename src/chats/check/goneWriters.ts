import { ChatError } from '../../protocol/chatError.ts';
import type { ChatStore } from '../chatStore.ts';
import { writerLock } from '../paths.ts';

/** Tells which writers are gone, and leaves their lock files alone; asks the disk once for each. */
export class GoneWriters {
  readonly #store: ChatStore;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(store: ChatStore) {
    this.#store = store;
  }

  /** False as well when it can't be told. */
  isGone(writerId: string): Promise<boolean> {
    const known = this.#known.get(writerId) ?? this.#look(writerId);
    this.#known.set(writerId, known);
    return known;
  }

  async #look(writerId: string): Promise<boolean> {
    const { files, writer } = this.#store;
    if (writerId === writer.id) return false;
    try {
      // Taking a lock would make its file.
      if (!(await files.stat(writerLock(writerId)))) return true;
      await files.exclusive(writerLock(writerId), async () => undefined, { waitMs: 0 });
      return true;
    } catch (error) {
      const { code } = ChatError.from(error);
      if (code === 'contended' || code === 'storage') return false;
      throw error;
    }
  }
}
