import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, isTaken } from './diskError.ts';

/**
 * Makes a folder and those above it that are missing, each synced into the one that holds it. Rejects with the disk's
 * own error, where the recursion of `mkdir` says that a folder is missing when the disk is read-only.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    if (!isMissing(error) || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeOne(folder);
  }
  await syncFolder(dirname(folder));
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    // Another window was first.
    if (!isTaken(error)) throw error;
  }
}

export async function syncFolder(path: string): Promise<void> {
  // Windows can't open folders, and needs no sync of theirs.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
