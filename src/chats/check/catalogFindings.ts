import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { Pace } from '../../util/pace.ts';
import { CATALOG_SCHEMA_VERSION, type CatalogEntry, decodeCatalog } from '../catalog.ts';
import { CATALOG, chatFolder } from '../paths.ts';
import { differences } from './exactEntry.ts';
import type { ChatOutline } from './examineChat.ts';
import { type Finding, finding } from './finding.ts';
import { LEFTOVER_MS } from './walkFolder.ts';

export interface ExaminedChats {
  /** By id. */
  readonly outlines: ReadonlyMap<string, ChatOutline>;
  /** Those being answered: the list follows at the end of the answer. */
  readonly answering: ReadonlySet<string>;
}

/** Compares the list of chats with what their folders say. @param now epoch milliseconds */
export async function catalogFindings(files: FileStore, chats: ExaminedChats, now: number): Promise<Finding[]> {
  const listable = [...chats.outlines.values()].filter(({ entry, isDeleted }) => entry && !isDeleted);
  const where = { path: CATALOG, count: listable.length };
  try {
    const stat = await files.stat(CATALOG);
    if (!stat) return listable.length > 0 ? [finding('catalog-missing', where)] : [];
    if (stat.kind === 'directory') return [finding('catalog-not-a-file', where)];
    const catalog = decodeCatalog(new TextDecoder().decode(await files.read(CATALOG)));
    if (!catalog) return [finding('catalog-torn', where)];
    if (catalog.schemaVersion > CATALOG_SCHEMA_VERSION) return [finding('catalog-newer', { path: CATALOG })];
    const { entries, strangeRows } = catalog;
    const named = new Set(entries.map(({ guid }) => guid));
    const compared: Finding[] = [];
    const pace = new Pace();
    for (const entry of entries) {
      compared.push(...(await entryFindings(files, entry, chats, now)));
      await pace.rest();
    }
    return [
      ...(strangeRows.length > 0 ? [finding('strange-rows', { path: CATALOG, count: strangeRows.length })] : []),
      ...compared,
      ...listable.flatMap(({ id }) =>
        named.has(id) ? [] : [finding('folder-without-entry', { chatId: id, path: chatFolder(id) })],
      ),
    ];
  } catch (error) {
    const { code, message } = ChatError.from(error);
    if (code === 'internal') throw error;
    return [finding('catalog-unreadable', { path: CATALOG, detail: message })];
  }
}

/** Whether an entry without a folder is not of a chat that is being made. */
export function isForgotten(entry: CatalogEntry, now: number): boolean {
  return now - Date.parse(entry.updated) > LEFTOVER_MS;
}

async function entryFindings(
  files: FileStore,
  entry: CatalogEntry,
  { outlines, answering }: ExaminedChats,
  now: number,
): Promise<Finding[]> {
  const where = { chatId: entry.guid, path: CATALOG };
  const outline = outlines.get(entry.guid);
  if (!outline) {
    const isGone = isForgotten(entry, now) && (await isNothing(files, chatFolder(entry.guid)));
    return isGone ? [finding('entry-without-folder', where)] : [];
  }
  if (outline.isNewer || outline.isDeleted) return [];
  if (!outline.entry) {
    const isEmptied = entry.message_count > 0 && outline.sizes.chat !== undefined;
    return isEmptied ? [finding('turns-missing', { ...where, count: entry.message_count })] : [];
  }
  const names = answering.has(entry.guid) ? [] : differences(entry, outline);
  return names.length > 0
    ? [finding('entry-disagrees', { ...where, count: names.length, detail: names.join(', ') })]
    : [];
}

/** What can't be looked at is something. */
async function isNothing(files: FileStore, path: string): Promise<boolean> {
  try {
    return !(await files.stat(path));
  } catch {
    return false;
  }
}
