import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { StorageReader, StorageWriter } from './storage.ts';

/** Whose handles they are: a connection. */
export interface HandleOwner {
  readonly id: number;
  readonly isClosed: boolean;
}

export type OpenFile = { readonly key: string; readonly owner: HandleOwner } & (
  | { readonly mode: 'w'; readonly writer: StorageWriter }
  | { readonly mode: 'r'; readonly reader: StorageReader }
);

const HANDLES_PER_CONNECTION = 64;

/** The handles and write locks of one account. They live in memory, over all its connections. */
export class OpenHandles {
  readonly #files = new Map<string, OpenFile>();
  readonly #locks = new Set<string>();

  /** Takes the lock before anything is awaited. @throws Refusal */
  lock(key: string, path: string, owner: HandleOwner): void {
    if (this.#locks.has(key)) throw new Refusal(`File already open for writing: ${path}`);
    this.checkCount(owner);
    this.#locks.add(key);
  }

  unlock(key: string): void {
    this.#locks.delete(key);
  }

  isLocked(key: string): boolean {
    return this.#locks.has(key);
  }

  checkCount({ id }: HandleOwner): void {
    const count = [...this.#files.values()].filter((file) => file.owner.id === id).length;
    if (count >= HANDLES_PER_CONNECTION) throw new Refusal(`Too many open handles for connection ${id}`);
  }

  /** A handle for a file that is open by now. One whose owner has gone meanwhile is closed: nobody else could. */
  async add(file: OpenFile): Promise<string> {
    const handle = randomUUID();
    this.#files.set(handle, file);
    if (file.owner.isClosed) await this.#close(handle, file);
    return handle;
  }

  writer(handle: string, owner: HandleOwner): StorageWriter {
    const file = this.#find(handle, 'w', owner);
    if (file.mode !== 'w') throw new Refusal('Wrong handle mode: expected w, got r');
    return file.writer;
  }

  reader(handle: string, owner: HandleOwner): StorageReader {
    const file = this.#find(handle, 'r', owner);
    if (file.mode !== 'r') throw new Refusal('Wrong handle mode: expected r, got w');
    return file.reader;
  }

  async close(handle: string, mode: 'r' | 'w', owner: HandleOwner): Promise<void> {
    await this.#close(handle, this.#find(handle, mode, owner));
  }

  /** Commits what the owner's files hold, and frees their locks. */
  async closeAll({ id }: HandleOwner): Promise<void> {
    for (const [handle, file] of this.#files) {
      // A file that can't be closed is not kept open for that.
      if (file.owner.id === id) await this.#close(handle, file).catch(() => {});
    }
  }

  /** The server's process dies. */
  async abandonAll(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#locks.clear();
    for (const file of files) await (file.mode === 'w' ? file.writer.abandon() : file.reader.close());
  }

  /** @throws Refusal when anything at or below the prefix is open, for reading too. */
  assertNoneUnder(prefix: string): void {
    const isUnder = (key: string) => `${key}/` === prefix || key.startsWith(prefix);
    if ([...this.#locks].some(isUnder)) throw new Refusal(`Cannot modify: file open for writing under ${prefix}`);
    if ([...this.#files.values()].some(({ key }) => isUnder(key))) {
      throw new Refusal(`Cannot modify: handle open under ${prefix}`);
    }
  }

  #find(handle: string, mode: 'r' | 'w', owner: HandleOwner): OpenFile {
    const file = this.#files.get(handle);
    if (!file) throw new Refusal(`Invalid handle: ${handle}`);
    if (file.mode !== mode) throw new Refusal(`Wrong handle mode: expected ${mode}, got ${file.mode}`);
    if (file.owner.id !== owner.id) throw new Refusal('Handle belongs to another connection');
    return file;
  }

  async #close(handle: string, file: OpenFile): Promise<void> {
    try {
      await (file.mode === 'w' ? file.writer.close() : file.reader.close());
    } finally {
      this.#files.delete(handle);
      if (file.mode === 'w') this.#locks.delete(file.key);
    }
  }
}
