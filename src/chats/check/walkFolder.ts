import type { FileStat, FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';

/** What is younger may be of somebody who is still at work, in milliseconds. */
export const LEFTOVER_MS = 10 * 60_000;

export interface FoundFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Last change, in epoch milliseconds. */
  readonly modified: number;
  /** Why it is not looked at: it is a link, say. */
  readonly problem?: string;
}

/**
 * Everything that lies in a folder and below. What vanishes meanwhile is left out; no link is followed.
 * @throws ChatError `storage` when the folder itself can't be listed.
 */
export async function walkFolder(files: FileStore, folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const { name, kind } of await files.list(folder)) {
    found.push(...(await findEntry(files, `${folder}/${name}`, kind)));
  }
  return found;
}

/** The file that a listing names, or all below a folder that it names. */
export async function findEntry(files: FileStore, path: string, kind: FileStat['kind']): Promise<FoundFile[]> {
  try {
    if (kind === 'directory') return await walkFolder(files, path);
    const stat = await files.stat(path);
    return stat ? [{ path, size: stat.size, modified: stat.modified }] : [];
  } catch (error) {
    const { code, message } = ChatError.from(error);
    if (code === 'internal') throw error;
    return [{ path, size: 0, modified: 0, problem: message }];
  }
}

/** A file that `FileStore.write` left half way, long ago. */
export function isOldTemporary({ path, modified }: FoundFile, now: number): boolean {
  return /\.[0-9a-f-]{36}\.tmp$/.test(path) && now - modified > LEFTOVER_MS;
}

/** In bytes. */
export function totalSize(files: readonly FoundFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
