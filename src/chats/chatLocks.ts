import type { FileStore, Lease } from '../files/fileStore.ts';
import { chatLock } from './paths.ts';

/** The locks of one store's chats: one window at a time writes to a chat, and says so when it has to wait. */
export class ChatLocks {
  readonly #files: FileStore;
  readonly #onWaiting: (isWaiting: boolean) => void;

  /** @param onWaiting called while another window keeps a change waiting, and when that is over */
  constructor(files: FileStore, onWaiting: (isWaiting: boolean) => void) {
    this.#files = files;
    this.#onWaiting = onWaiting;
  }

  /** @throws ChatError `contended` when the wait was in vain. */
  ofChat<T>(id: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    return this.exclusive(chatLock(id), work);
  }

  async exclusive<T>(path: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    let hasWaited = false;
    const wait = (isWaiting: boolean) => {
      if (isWaiting !== hasWaited) this.#onWaiting(isWaiting);
      hasWaited = isWaiting;
    };
    try {
      return await this.#files.exclusive(
        path,
        (lease) => {
          wait(false);
          return work(lease);
        },
        { onWait: () => wait(true) },
      );
    } finally {
      wait(false);
    }
  }
}
