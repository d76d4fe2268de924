import type { FileStore } from '../files/fileStore.ts';
import { mapSome } from '../util/mapSome.ts';
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
  const found = await files.list(folder);
  const bytes = await mapSome(found, async ({ name, kind }) => {
    const path = `${folder}/${name}`;
    return kind === 'directory' ? folderBytes(files, path) : ((await files.stat(path))?.size ?? 0);
  });
  return bytes.reduce((sum, one) => sum + one, 0);
}
