import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiskStorage } from './diskStorage.ts';
import { Refusal } from './refusal.ts';
import type { StorageReader, StorageWriter } from './storage.ts';

/** As S3 and Azure behave: a file is replaced when it is closed, and nothing can ever be removed. */
export class ObjectStorage extends DiskStorage {
  readonly #root: string;
  #uploadCount = 0;

  constructor(root: string) {
    super(root);
    this.#root = root;
  }

  override async openWrite(key: string): Promise<StorageWriter> {
    const pieces: Uint8Array[] = [];
    const write = async (bytes: Uint8Array) => void pieces.push(bytes);
    const abandon = async () => {};
    return { write, abandon, close: () => this.write(key, Buffer.concat(pieces)) };
  }

  override async write(key: string, bytes: Uint8Array): Promise<void> {
    // Outside the accounts' folders, so that no list shows it.
    const upload = join(this.#root, '.uploads', String(++this.#uploadCount));
    await mkdir(dirname(upload), { recursive: true });
    await mkdir(dirname(join(this.#root, key)), { recursive: true });
    await writeFile(upload, bytes);
    await rename(upload, join(this.#root, key));
  }

  /** Every read asks anew, so that two reads of one handle may be of two versions. */
  override async openRead(key: string): Promise<StorageReader> {
    const found = await this.info(key);
    if (!found) throw new Refusal(`File not found: ${key}`);
    const read = async (offset: number, length: number) => (await this.read(key)).subarray(offset, offset + length);
    return { size: found.size, read, close: async () => {} };
  }

  override async remove(key: string): Promise<void> {
    const hasFile = await this.info(key);
    throw new Refusal(hasFile ? `Expected version is required when deleting file: ${key}` : `File not found: ${key}`);
  }

  /** Times are in whole seconds. */
  override async info(key: string): Promise<{ size: number; modified: number } | undefined> {
    const found = await super.info(key);
    return found && { ...found, modified: Math.floor(found.modified) };
  }

  override async list(prefix: string): Promise<string[]> {
    return (await super.list(prefix)).filter((key) => key.startsWith(prefix));
  }
}
