import type { ByteRange, ExclusiveOptions, FileStat, FileStore, Lease, LinesFor } from '../../src/files/fileStore.ts';
import { storePath } from '../../src/files/storePath.ts';
import { ChatError } from '../../src/protocol/chatError.ts';
import type { Disposable } from '../../src/util/disposable.ts';
import { Emitter } from '../../src/util/emitter.ts';
import { Sequencer } from '../../src/util/sequencer.ts';
import { isTorn, madeLines } from './madeLines.ts';
import { wholeData } from './wholeData.ts';

/** The FileStore contract in memory: files by path, folders implied by what is in them. */
export class MemoryFileStore implements FileStore {
  readonly location = 'memory';
  readonly files = new Map<string, Uint8Array>();
  readonly #identities = new Map<string, number>();
  #lastIdentity = 0;
  readonly #held = new Set<string>();
  readonly #sequencer = new Sequencer();
  readonly #changed = new Emitter<string>();

  async stat(path: string): Promise<FileStat | undefined> {
    storePath(path);
    const bytes = this.files.get(path);
    if (bytes) {
      return { kind: 'file', size: bytes.length, modified: 0, identity: String(this.#identities.get(path)) };
    }
    const isFolder = [...this.files.keys()].some((other) => path === '' || other.startsWith(`${path}/`));
    return isFolder ? { kind: 'directory', size: 0, modified: 0 } : undefined;
  }

  async read(path: string, range?: ByteRange): Promise<Uint8Array> {
    const bytes = this.#file(path);
    return bytes.slice(range?.start ?? 0, range?.end ?? bytes.length);
  }

  async write(path: string, data: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease): Promise<void> {
    storePath(path);
    const bytes = await wholeData(data);
    lease?.assertHeld();
    this.#set(path, bytes.slice());
  }

  async append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number> {
    const made = await madeLines(this, path, lines);
    lease?.assertHeld();
    const before = this.#file(path);
    const after = Buffer.concat([before, Buffer.from(isTorn(before) ? '\n' : ''), made]);
    this.files.set(path, after);
    this.#changed.fire(path);
    return after.length;
  }

  async create(path: string, data: Uint8Array): Promise<boolean> {
    storePath(path);
    if (this.files.has(path)) return false;
    this.#set(path, data.slice());
    return true;
  }

  async list(path: string): Promise<{ name: string; kind: FileStat['kind'] }[]> {
    const prefix = path === '' ? '' : `${path}/`;
    const entries = new Map<string, FileStat['kind']>();
    for (const file of this.files.keys()) {
      if (!file.startsWith(prefix)) continue;
      const [name = '', ...rest] = file.slice(prefix.length).split('/');
      entries.set(name, rest.length > 0 ? 'directory' : 'file');
    }
    return [...entries].map(([name, kind]) => ({ name, kind }));
  }

  async remove(path: string): Promise<void> {
    for (const file of [...this.files.keys()]) {
      if (file === path || file.startsWith(`${path}/`)) this.files.delete(file);
    }
    this.#changed.fire(path);
  }

  async move(from: string, to: string): Promise<void> {
    if (await this.stat(to)) throw new ChatError('storage', `${to} is taken.`);
    if (!(await this.stat(from))) throw new ChatError('not-found', `There is no ${from}.`);
    for (const [file, bytes] of [...this.files]) {
      if (file !== from && !file.startsWith(`${from}/`)) continue;
      this.files.delete(file);
      this.#set(to + file.slice(from.length), bytes);
    }
    this.#changed.fire(from);
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options: ExclusiveOptions = {}): Promise<T> {
    const run = async () => {
      this.#held.add(path);
      try {
        return await work({ assertHeld: () => undefined });
      } finally {
        this.#held.delete(path);
      }
    };
    if (options.waitMs !== 0) return this.#sequencer.run(path, run);
    return this.#held.has(path) ? Promise.reject(new ChatError('contended', 'Held.')) : run();
  }

  watch(folder: string, onChange: () => void): Disposable {
    return this.#changed.event((path) => {
      if (path.split('/').slice(0, -1).join('/') === folder) onChange();
    });
  }

  #file(path: string): Uint8Array {
    storePath(path);
    const bytes = this.files.get(path);
    if (!bytes) throw new ChatError('not-found', `There is no ${path}.`);
    return bytes;
  }

  /** Puts a new file at the path. */
  #set(path: string, bytes: Uint8Array): void {
    this.files.set(path, bytes);
    this.#lastIdentity += 1;
    this.#identities.set(path, this.#lastIdentity);
    this.#changed.fire(path);
  }
}
