import type { FileStore } from '../files/fileStore.ts';
import { mapSome } from '../util/mapSome.ts';
import { filesBelow } from './filesBelow.ts';
import { chatFolder, TRASH } from './paths.ts';

/** Bytes of all that lies in the folders of these chats, by id. */
export async function chatSizes(files: FileStore, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sizes = await mapSome(ids, async (id) => [id, await folderBytes(files, chatFolder(id))] as const);
  return new Map(sizes);
}

/** Bytes of all that was deleted and not purged. */
export function trashSize(files: FileStore): Promise<number> {
  return folderBytes(files, TRASH);
}

/** What vanishes meanwhile counts as nothing. */
async function folderBytes(files: FileStore, folder: string): Promise<number> {
  const stats = await mapSome(await filesBelow(files, folder), (path) => files.stat(path));
  return stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
}
