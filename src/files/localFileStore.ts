import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v4 as newId } from 'uuid';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { Sequencer } from '../util/sequencer.ts';
import { diskError, isMissing } from './diskError.ts';
import type { ByteRange, ExclusiveOptions, FileStat, FileStore, Lease } from './fileStore.ts';
import { trySqliteLock } from './sqliteLock.ts';
import { storePath } from './storePath.ts';
import { watchFolder } from './watchFolder.ts';

const DEFAULT_WAIT_MS = 30_000;
const PATIENCE_MS = 300;
const NEWLINE = 0x0a;

/** A FileStore on this machine's disk, through node:fs. */
export class LocalFileStore implements FileStore {
  readonly location: string;
  readonly #sequencer = new Sequencer();

  /** @param root absolute path of a folder; made with the first write. */
  constructor(root: string) {
    this.location = root;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      const found = await stat(this.#absolute(path), { bigint: true });
      const isFolder = found.isDirectory();
      return {
        kind: isFolder ? 'directory' : 'file',
        size: isFolder ? 0 : Number(found.size),
        modified: Number(found.mtimeNs) / 1e6,
        // The number of a file that was replaced is given to a later one; the time of birth tells them apart.
        identity: `${found.dev}:${found.ino}:${found.birthtimeNs}`,
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw diskError(error, this.#absolute(path));
    }
  }

  async read(path: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#withFile(path, 'r', async (file) => {
      const { size } = await file.stat();
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

  async write(path: string, data: Uint8Array, lease?: Lease): Promise<void> {
    const target = this.#absolute(path);
    const temporary = `${target}.${newId()}.tmp`;
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeAndSync(temporary, data, 'wx');
      lease?.assertHeld();
      await rename(temporary, target);
      await syncFolder(dirname(target));
    } catch (error) {
      // Best effort: the failure that counts is the one above.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw diskError(error, target);
    }
  }

  append(path: string, lines: Uint8Array, lease?: Lease): Promise<number> {
    return this.#sequencer.run(`append ${path}`, () =>
      this.#withFile(path, constants.O_RDWR | constants.O_APPEND, async (file) => {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await file.read(last, 0, 1, size - 1);
        const isTorn = size > 0 && last[0] !== NEWLINE;
        lease?.assertHeld();
        await writeOnce(file, isTorn ? Buffer.concat([Buffer.from('\n'), lines]) : lines);
        await file.datasync();
        return (await file.stat()).size;
      }),
    );
  }

  async create(path: string, data: Uint8Array): Promise<boolean> {
    const target = this.#absolute(path);
    try {
      const made = await mkdir(dirname(target), { recursive: true });
      await writeAndSync(target, data, 'wx');
      await syncFolder(dirname(target));
      if (made) await syncFolder(dirname(made));
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw diskError(error, target);
    }
  }

  async list(path: string): Promise<{ name: string; kind: FileStat['kind'] }[]> {
    try {
      const entries = await readdir(this.#absolute(path), { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? 'directory' : 'file' }));
    } catch (error) {
      if (isMissing(error)) return [];
      throw diskError(error, this.#absolute(path));
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(this.#absolute(path), { recursive: true, force: true });
    } catch (error) {
      throw diskError(error, this.#absolute(path));
    }
  }

  async move(from: string, to: string): Promise<void> {
    const target = this.#absolute(to);
    try {
      await mkdir(dirname(target), { recursive: true });
      await rename(this.#absolute(from), target);
      await syncFolder(dirname(target));
    } catch (error) {
      throw diskError(error, this.#absolute(from));
    }
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options: ExclusiveOptions = {}): Promise<T> {
    return options.waitMs === 0
      ? this.#exclusive(path, work, options)
      : this.#sequencer.run(`exclusive ${path}`, () => this.#exclusive(path, work, options));
  }

  async #exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options: ExclusiveOptions): Promise<T> {
    const lock = await this.#lock(this.#absolute(path), options);
    try {
      // The kernel takes this lock from nobody who lives, so the lease can't be lost.
      return await work({ assertHeld: () => undefined });
    } finally {
      lock.dispose();
    }
  }

  async #lock(file: string, { waitMs = DEFAULT_WAIT_MS, onWait }: ExclusiveOptions): Promise<Disposable> {
    await mkdir(dirname(file), { recursive: true }).catch((error) => {
      throw diskError(error, file);
    });
    const started = performance.now();
    let hasSaidSo = false;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 25)) {
      const lock = await trySqliteLock(file);
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
    return watchFolder(this.#absolute(folder), onChange);
  }

  #absolute(path: string): string {
    return join(this.location, ...storePath(path));
  }

  async #withFile<T>(path: string, flags: string | number, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const absolute = this.#absolute(path);
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

async function writeAndSync(path: string, data: Uint8Array, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** One write call, so that lines of two writers can't interleave. */
async function writeOnce(file: FileHandle, data: Uint8Array): Promise<void> {
  const { bytesWritten } = await file.write(data, 0, data.length);
  if (bytesWritten !== data.length) {
    throw new ChatError('storage', 'The disk took only a part of what was to be saved: it is probably full.');
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows can't open folders, and needs no sync of theirs.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
