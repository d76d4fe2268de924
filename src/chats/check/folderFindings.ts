import type { FileStore } from '../../files/fileStore.ts';
import { BACKUP, CATALOG, isChatId, LOCKS, TRASH, WRITER_PREFIX } from '../paths.ts';
import type { FindingContext } from './chatFindings.ts';
import { type Finding, finding } from './finding.ts';
import { type FoundFile, findEntry, isOldTemporary, totalSize } from './walkFolder.ts';

export interface TrashSize {
  readonly chatCount: number;
  readonly byteCount: number;
}

export type Listing = Awaited<ReturnType<FileStore['list']>>;

/** What is to be said of a store's folder itself, its chats and its list aside. */
export async function folderFindings(files: FileStore, root: Listing, context: FindingContext): Promise<Finding[]> {
  const found: FoundFile[] = [];
  for (const { name, kind } of root) {
    if (kind === 'file') found.push(...(await findEntry(files, name, kind)));
  }
  const strange = found.flatMap(({ path, problem }) => (problem === undefined ? [] : [{ path, detail: problem }]));
  const misplaced = found.filter(({ path, problem }) => problem === undefined && isChatId(path));
  return [
    ...strange.map((where) => finding('strange-file', where)),
    ...misplaced.map(({ path }) => finding('strange-file', { path, detail: 'a file is in the place of a chat.' })),
    ...found.filter((file) => isOldTemporary(file, context.now)).map(({ path }) => finding('temporary-file', { path })),
    ...(await keptCopies(files, root, found)),
    ...(await deadLocks(files, root, context)),
  ];
}

export async function trashSize(files: FileStore, root: Listing): Promise<TrashSize> {
  const found = await below(files, root, TRASH);
  return { chatCount: new Set(found.map(({ path }) => path.split('/')[1])).size, byteCount: totalSize(found) };
}

async function keptCopies(files: FileStore, root: Listing, found: readonly FoundFile[]): Promise<Finding[]> {
  const copies = [
    ...found.filter(({ path }) => path.startsWith(`${CATALOG}.bad-`)),
    ...(await below(files, root, BACKUP)),
  ];
  const [first] = copies;
  if (!first) return [];
  const detail = `${totalSize(copies).toLocaleString('en')} bytes`;
  return [finding('kept-copies', { path: first.path, count: copies.length, detail })];
}

async function deadLocks(files: FileStore, root: Listing, { isGone }: FindingContext): Promise<Finding[]> {
  if (!hasFolder(root, LOCKS)) return [];
  let count = 0;
  for (const { name } of await files.list(LOCKS)) {
    const writerId = name.startsWith(WRITER_PREFIX) ? name.slice(WRITER_PREFIX.length) : '';
    if (isChatId(writerId) && (await isGone(writerId))) count += 1;
  }
  return count > 0 ? [finding('dead-locks', { path: LOCKS, count })] : [];
}

/** All that lies in one of the store's own folders; nothing when a link is in its place. */
async function below(files: FileStore, root: Listing, folder: string): Promise<FoundFile[]> {
  return hasFolder(root, folder) ? findEntry(files, folder, 'directory') : [];
}

function hasFolder(root: Listing, folder: string): boolean {
  return root.some(({ name, kind }) => name === folder && kind === 'directory');
}
