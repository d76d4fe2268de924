import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Refusal } from './refusal.ts';
import type { Storage, StorageReader, StorageWriter } from './storage.ts';

/** Small writes wait for this many bytes, or for the close. */
const BUFFER_BYTES = 8192;

/** The server's default storage: files of a folder, truncated when they are opened and never replaced at once. */
export class DiskStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async openWrite(key: string): Promise<StorageWriter> {
    try {
      await mkdir(dirname(this.#path(key)), { recursive: true });
      return new DiskWriter(await open(this.#path(key), 'w'));
    } catch (error) {
      throw new Refusal(`Failed to open file ${key} for writing: ${error}`);
    }
  }

  async openRead(key: string): Promise<StorageReader> {
    const found = await stat(this.#path(key)).catch(() => undefined);
    if (!found) throw new Refusal(`File not found: ${key}`);
    if (!found.isFile()) throw new Refusal(`Failed to open file ${key} for reading: [Errno 21] Is a directory`);
    const file = await open(this.#path(key), 'r');
    const read = async (offset: number, length: number) => {
      // A reader sees what the file holds by now, not what it held when it was opened.
      const left = (await file.stat()).size - offset;
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, left)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    };
    return { size: found.size, read, close: () => file.close() };
  }

  async read(key: string): Promise<Uint8Array> {
    if (!(await this.info(key))) throw new Refusal(`File not found: ${key}`);
    return readFile(this.#path(key));
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(this.#path(key)), { recursive: true });
    await writeFile(this.#path(key), bytes);
  }

  /** For the time of it a lock file lies beside the file, and shows in lists. */
  async remove(key: string): Promise<void> {
    const path = this.#path(key);
    if (!(await this.info(key))) throw new Refusal(`File not found: ${key}`);
    const lock = join(dirname(path), `.${key.split('/').at(-1)}.lock`);
    await writeFile(lock, '');
    try {
      await unlink(path);
    } catch (error) {
      throw new Refusal(`Failed to delete file ${key}: ${error}`);
    } finally {
      await rm(lock, { force: true });
    }
  }

  async info(key: string): Promise<{ size: number; modified: number } | undefined> {
    const found = await stat(this.#path(key)).catch(() => undefined);
    return found?.isFile() ? { size: found.size, modified: found.mtimeMs / 1000 } : undefined;
  }

  /** A prefix that is a file, slash or not, lists that file. */
  async list(prefix: string): Promise<string[]> {
    const path = this.#path(prefix);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return [prefix.replace(/\/$/, '')];
    if (!found) return [];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => relative(this.#root, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
  }

  #path(key: string): string {
    return join(this.#root, key);
  }
}

class DiskWriter implements StorageWriter {
  readonly #file: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > BUFFER_BYTES) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  abandon(): Promise<void> {
    return this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.writeFile(bytes);
  }
}
