import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { BACKUP } from '../paths.ts';

/** Keeps the old bytes of what a repair changes, in a folder of its own; made with the first of them. */
export class StoreBackup {
  readonly #files: FileStore;
  readonly #name: string;
  readonly #kept = new Set<string>();
  #folder: string | undefined;

  /** @param time of the repair, ISO 8601 */
  constructor(files: FileStore, time: string) {
    this.#files = files;
    this.#name = `${BACKUP}/${time.replaceAll(/[:.]/g, '-')}`;
  }

  /** Relative to the store; undefined while nothing had to be kept. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Copies a file as it is before the first change of it, and syncs the copy. @throws ChatError when it can't. */
  async copy(path: string): Promise<void> {
    if (this.#kept.has(path)) return;
    const bytes = await this.#files.read(path);
    if (!(await this.#files.create(`${await this.#open()}/${path}`, bytes))) {
      throw new ChatError('storage', `The backup of ${path} is taken by another file. Nothing was changed.`);
    }
    this.#kept.add(path);
  }

  /** Takes a file or folder away from its place. */
  async move(path: string): Promise<void> {
    await this.#files.move(path, `${await this.#open()}/${path}`);
  }

  async #open(): Promise<string> {
    if (this.#folder !== undefined) return this.#folder;
    let folder = this.#name;
    for (let count = 2; await this.#files.stat(folder); count += 1) folder = `${this.#name}~${count}`;
    this.#folder = folder;
    return folder;
  }
}
