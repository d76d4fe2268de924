import type { FileStore } from '../../files/fileStore.ts';
import { filesBelow } from '../filesBelow.ts';
import { CATALOG, isChatId, LOCKS, STAGING, TRASH } from '../paths.ts';

/** A folder that holds a chat: in its place, or in the trash. */
export interface ChatPlace {
  readonly folder: string;
  /** Whose lock is for this folder. */
  readonly id: string;
}

export async function chatPlaces(files: FileStore): Promise<ChatPlace[]> {
  const [chats, deleted] = await Promise.all([files.list(''), files.list(TRASH)]);
  return [
    ...chats.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [{ folder: name, id: name }] : [])),
    ...deleted.flatMap(({ name, kind }) => {
      const id = idIn(name);
      return kind === 'directory' && id !== undefined ? [{ folder: `${TRASH}/${name}`, id }] : [];
    }),
  ];
}

/**
 * Paths of what is in no chat's folder: backups, lists that could not be read. The catalog is not among them, nor what
 * holds no text of ours.
 * @param ids leaves out what belongs to other chats
 */
export async function otherFiles(files: FileStore, ids: readonly string[] | undefined): Promise<string[]> {
  const chats = new Set((await chatPlaces(files)).map(({ folder }) => folder));
  const paths: string[] = [];
  for (const folder of ['', TRASH]) {
    for (const { name, kind } of await files.list(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (chats.has(path) || [CATALOG, LOCKS, STAGING, TRASH].includes(path)) continue;
      paths.push(...(kind === 'directory' ? await filesBelow(files, path) : [path]));
    }
  }
  return paths.filter((path) => {
    const owners = path.split('/').flatMap((segment) => idIn(segment) ?? []);
    return owners.length === 0 || !ids || owners.some((id) => ids.includes(id));
  });
}

const ID_LENGTH = 36;

/** The chat that a folder is named for; the trash puts a number behind it. */
function idIn(name: string): string | undefined {
  const id = name.slice(0, ID_LENGTH);
  return isChatId(id) ? id : undefined;
}
