import type { ByteRange, ExclusiveOptions, FileStore, Lease } from '../../src/files/fileStore.ts';
import { ChatError } from '../../src/protocol/chatError.ts';

/** A FileStore that works for so many operations and then for none, as for a process that is killed. */
export class DyingFileStore implements FileStore {
  readonly #files: FileStore;
  #left: number;

  constructor(files: FileStore, operationCount: number) {
    this.#files = files;
    this.#left = operationCount;
  }

  get location(): string {
    return this.#files.location;
  }

  get isDead(): boolean {
    return this.#left < 0;
  }

  stat(path: string) {
    return this.#live(() => this.#files.stat(path));
  }

  read(path: string, range?: ByteRange) {
    return this.#live(() => this.#files.read(path, range));
  }

  write(path: string, data: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease) {
    return this.#live(() => this.#files.write(path, data, lease));
  }

  append(path: string, lines: Uint8Array, lease?: Lease) {
    return this.#live(() => this.#files.append(path, lines, lease));
  }

  create(path: string, data: Uint8Array) {
    return this.#live(() => this.#files.create(path, data));
  }

  list(path: string) {
    return this.#live(() => this.#files.list(path));
  }

  remove(path: string) {
    return this.#live(() => this.#files.remove(path));
  }

  move(from: string, to: string) {
    return this.#live(() => this.#files.move(from, to));
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options?: ExclusiveOptions) {
    return this.#live(() => this.#files.exclusive(path, work, options));
  }

  watch(folder: string, onChange: () => void) {
    return this.#files.watch(folder, onChange);
  }

  async #live<T>(operation: () => Promise<T>): Promise<T> {
    this.#left -= 1;
    if (this.isDead) throw new ChatError('storage', 'The process is dead.');
    return operation();
  }
}
