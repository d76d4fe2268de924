import { constants, fstatSync, readSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v4 as newId } from 'uuid';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { Sequencer } from '../util/sequencer.ts';
import { diskError, isMissing, isTaken } from './diskError.ts';
import { type DiskPlace, diskPlace, identityOf } from './diskPlace.ts';
import { type FileLock, tryFileLock } from './fileLock.ts';
import type { ByteRange, ExclusiveOptions, FileStat, FileStore, Lease, LinesFor, ReadableFiles } from './fileStore.ts';
import { makeFolder, syncFolder } from './makeFolder.ts';
import { storePath } from './storePath.ts';
import { watchFolder } from './watchFolder.ts';

const DEFAULT_WAIT_MS = 30_000;
const PATIENCE_MS = 300;
const NEWLINE = 0x0a;

/** A FileStore on this machine's disk, through node:fs. */
export class LocalFileStore implements FileStore {
  readonly location: string;
  readonly #sequencer = new Sequencer();
  readonly #readable: ReadableFiles = {
    stat: (path) => this.stat(path),
    read: (path, range) => this.read(path, range),
  };

  /** @param root absolute path of a folder; made with the first write. */
  constructor(root: string) {
    this.location = resolve(root);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const { entry } = this.#place(path);
    if (!entry) return undefined;
    const isFolder = entry.isDirectory();
    return {
      kind: isFolder ? 'directory' : 'file',
      size: isFolder ? 0 : Number(entry.size),
      modified: Number(entry.mtimeNs) / 1e6,
      identity: identityOf(entry),
    };
  }

  async read(path: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#withFile(path, 'r', async (file) => {
      const { size } = fstatSync(file.fd);
      const start = Math.min(range?.start ?? 0, size);
      const bytes = Buffer.alloc(Math.max(0, Math.min(range?.end ?? size, size) - start));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    });
  }

  async write(path: string, data: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease): Promise<void> {
    const { absolute, hasFolder } = this.#place(path);
    const temporary = `${absolute}.${newId()}.tmp`;
    try {
      if (!hasFolder) await makeFolder(dirname(absolute));
      await writeNew(temporary, data);
      lease?.assertHeld();
      await rename(temporary, absolute);
      await syncFolder(dirname(absolute));
    } catch (error) {
      // Best effort: the failure that counts is the one above.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw diskError(error, absolute);
    }
  }

  append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number> {
    return this.#sequencer.run(`append ${path}`, () =>
      this.#withFile(path, constants.O_RDWR | constants.O_APPEND, async (file) => {
        // Synchronous where the disk is hardly asked, as in diskPlace.
        const { size } = fstatSync(file.fd);
        const last = Buffer.alloc(1);
        if (size > 0) readSync(file.fd, last, 0, 1, size - 1);
        const isTorn = size > 0 && last[0] !== NEWLINE;
        const sizeWith = ({ length }: Uint8Array) => size + (isTorn ? 1 : 0) + length;
        const made = lines instanceof Uint8Array ? lines : await lines({ ...this.#readable, sizeWith });
        lease?.assertHeld();
        await writeOnce(file, isTorn ? Buffer.concat([Buffer.from('\n'), made]) : made);
        await file.datasync();
        return fstatSync(file.fd).size;
      }),
    );
  }

  async create(path: string, data: Uint8Array): Promise<boolean> {
    const { absolute, entry, hasFolder } = this.#place(path);
    if (entry) return false;
    try {
      if (!hasFolder) await makeFolder(dirname(absolute));
      await writeNew(absolute, data);
      await syncFolder(dirname(absolute));
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      // Best effort, and only of an empty folder: nothing half made is left.
      if (!hasFolder) await rmdir(dirname(absolute)).catch(() => undefined);
      throw diskError(error, absolute);
    }
  }

  async list(path: string): Promise<{ name: string; kind: FileStat['kind'] }[]> {
    const { absolute } = this.#place(path);
    try {
      const entries = await readdir(absolute, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? 'directory' : 'file' }));
    } catch (error) {
      if (isMissing(error)) return [];
      throw diskError(error, absolute);
    }
  }

  async remove(path: string): Promise<void> {
    const { absolute } = this.#place(path);
    try {
      await rm(absolute, { recursive: true, force: true });
    } catch (error) {
      throw diskError(error, absolute);
    }
  }

  async move(from: string, to: string): Promise<void> {
    const { absolute } = this.#place(from);
    const target = this.#place(to);
    if (target.entry) throw new ChatError('storage', `${absolute} can't be moved: ${target.absolute} is taken.`);
    try {
      if (!target.hasFolder) await makeFolder(dirname(target.absolute));
      await rename(absolute, target.absolute);
      await syncFolder(dirname(target.absolute));
    } catch (error) {
      throw diskError(error, absolute);
    }
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options: ExclusiveOptions = {}): Promise<T> {
    return options.waitMs === 0
      ? this.#exclusive(path, work, options)
      : this.#sequencer.run(`exclusive ${path}`, () => this.#exclusive(path, work, options));
  }

  async #exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options: ExclusiveOptions): Promise<T> {
    const lock = await this.#lock(path, options);
    try {
      return await work(lock);
    } finally {
      lock.release(options.isLast ?? false);
    }
  }

  async #lock(path: string, { waitMs = DEFAULT_WAIT_MS, onWait }: ExclusiveOptions): Promise<FileLock> {
    const started = performance.now();
    let hasSaidSo = false;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 25)) {
      const lock = await tryFileLock(() => this.#place(path));
      if (lock) return lock;
      const waitedMs = performance.now() - started;
      if (waitedMs >= waitMs) {
        throw new ChatError('contended', 'Another window is busy with the saved chats. Try again in a moment.');
      }
      if (waitedMs > PATIENCE_MS && !hasSaidSo) {
        hasSaidSo = true;
        onWait?.();
      }
      // Jitter keeps two waiters from meeting again and again.
      await delay(pauseMs * (0.5 + Math.random()));
    }
  }

  watch(folder: string, onChange: () => void): Disposable {
    storePath(folder);
    return watchFolder(() => this.#place(folder).absolute, onChange);
  }

  #place(path: string): DiskPlace {
    return diskPlace(this.location, path);
  }

  async #withFile<T>(path: string, flags: string | number, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const { absolute } = this.#place(path);
    let file: FileHandle | undefined;
    try {
      file = await open(absolute, flags);
      return await use(file);
    } catch (error) {
      throw diskError(error, absolute);
    } finally {
      await file?.close();
    }
  }
}

/** Writes a file that was not there; takes it away again when the disk does not take it whole. */
async function writeNew(path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } catch (error) {
    // Best effort: the failure that counts is the one above.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** One write call, so that lines of two writers can't interleave. */
async function writeOnce(file: FileHandle, data: Uint8Array): Promise<void> {
  const { bytesWritten } = await file.write(data, 0, data.length);
  if (bytesWritten !== data.length) {
    throw new ChatError('storage', 'The disk is full: it took only a part of what was to be saved.');
  }
}
