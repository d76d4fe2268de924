import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReadOp, WriteOp } from './observedFiles.ts';

/** Does what a store was seen to write once more to plain files: the same bytes, syncs and renames, and no lock. */
export async function writeAgain(root: string, writes: readonly WriteOp[]): Promise<void> {
  for (const { how, path, data } of writes) {
    const target = join(root, path);
    if (how === 'append') await use(target, 'a', (file) => writeThen(file, data, () => file.datasync()));
    else if (how === 'replace') await replaceFile(target, data);
    else await use(target, 'w', (file) => writeThen(file, data, () => file.sync()));
    if (how !== 'append') await use(dirname(target), 'r', (folder) => folder.sync());
  }
}

/** The bare replacement of a file: a temporary one beside it, synced and renamed. */
export async function replaceFile(path: string, data: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await use(temporary, 'w', (file) => writeThen(file, data, () => file.sync()));
  await rename(temporary, path);
}

/** Reads what a store was seen to read once more, one after the other. */
export async function readAgain(root: string, reads: readonly ReadOp[]): Promise<void> {
  for (const { path, range, byteCount } of reads) {
    if (!range) await readFile(join(root, path));
    else await readBytes(join(root, path), range.start, byteCount);
  }
}

/** The last bytes of a file, all of it when it is shorter. */
export function readTail(path: string, byteCount: number): Promise<Uint8Array> {
  return use(path, 'r', async (file) => {
    const { size } = await file.stat();
    const start = Math.max(0, size - byteCount);
    const bytes = Buffer.allocUnsafe(size - start);
    await file.read(bytes, 0, bytes.length, start);
    return bytes;
  });
}

function readBytes(path: string, start: number, byteCount: number): Promise<void> {
  return use(path, 'r', async (file) => {
    await file.read(Buffer.allocUnsafe(byteCount), 0, byteCount, start);
  });
}

async function writeThen(file: FileHandle, data: Uint8Array, sync: () => Promise<void>): Promise<void> {
  await file.write(data);
  await sync();
}

async function use<T>(path: string, flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
