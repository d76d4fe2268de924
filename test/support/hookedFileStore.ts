import type { ByteRange, ExclusiveOptions, FileStat, FileStore, Lease, LinesFor } from '../../src/files/fileStore.ts';
import type { Disposable } from '../../src/util/disposable.ts';
import { madeLines } from './madeLines.ts';
import { wholeData } from './wholeData.ts';

export type FileOperation =
  | { readonly kind: 'stat' | 'read' | 'list' | 'remove' | 'move' | 'exclusive'; readonly path: string }
  | { readonly kind: 'write' | 'append' | 'create'; readonly path: string; readonly data: Uint8Array };

/** Called in place of an operation, which `work` does. */
export type FileHook = <T>(operation: FileOperation, work: () => Promise<T>) => Promise<T>;

/** Files whose every operation goes through a hook of the test. */
export class HookedFileStore implements FileStore {
  readonly location: string;
  readonly #files: FileStore;
  readonly #hook: FileHook;

  constructor(files: FileStore, hook: FileHook) {
    this.location = files.location;
    this.#files = files;
    this.#hook = hook;
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.#hook({ kind: 'stat', path }, () => this.#files.stat(path));
  }

  read(path: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#hook({ kind: 'read', path }, () => this.#files.read(path, range));
  }

  async write(path: string, pieces: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease): Promise<void> {
    const data = await wholeData(pieces);
    return this.#hook({ kind: 'write', path, data }, () => this.#files.write(path, data, lease));
  }

  async append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number> {
    const data = await madeLines(this, path, lines);
    return this.#hook({ kind: 'append', path, data }, () => this.#files.append(path, data, lease));
  }

  create(path: string, data: Uint8Array): Promise<boolean> {
    return this.#hook({ kind: 'create', path, data }, () => this.#files.create(path, data));
  }

  list(path: string): Promise<{ readonly name: string; readonly kind: FileStat['kind'] }[]> {
    return this.#hook({ kind: 'list', path }, () => this.#files.list(path));
  }

  remove(path: string): Promise<void> {
    return this.#hook({ kind: 'remove', path }, () => this.#files.remove(path));
  }

  move(from: string, to: string): Promise<void> {
    return this.#hook({ kind: 'move', path: from }, () => this.#files.move(from, to));
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options?: ExclusiveOptions): Promise<T> {
    return this.#hook({ kind: 'exclusive', path }, () => this.#files.exclusive(path, work, options));
  }

  watch(folder: string, onChange: () => void): Disposable {
    return this.#files.watch(folder, onChange);
  }
}
