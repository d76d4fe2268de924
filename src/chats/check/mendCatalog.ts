import type { FileStore } from '../../files/fileStore.ts';
import { mapSome } from '../../util/mapSome.ts';
import type { CatalogEntry } from '../catalog.ts';
import type { CatalogFile } from '../catalogFile.ts';
import type { ChatStore } from '../chatStore.ts';
import { CATALOG, chatFolder } from '../paths.ts';
import { folderSizes } from '../summarizeFolder.ts';
import { isForgotten } from './catalogFindings.ts';
import { exactEntry } from './exactEntry.ts';
import { type ChatOutline, EXAMINED_AT_ONCE, examineChat } from './examineChat.ts';
import type { StoreBackup } from './storeBackup.ts';

export interface MendCatalogOptions {
  readonly catalog: CatalogFile;
  readonly backup: StoreBackup;
  /** Of the chats that are meant; undefined for all. */
  readonly ids: ReadonlySet<string> | undefined;
  readonly now: () => string;
}

/**
 * Sets what the list says of these chats to what their files say; a list that is missing or torn is made anew first.
 * The chats are read before the list is locked, and again only where they were changed since. True when it was written.
 */
export async function mendCatalog(
  { files }: ChatStore,
  { catalog, backup, ids, now }: MendCatalogOptions,
): Promise<boolean> {
  const outlines = new Outlines(files);
  const lookAt = async (folders: readonly string[]) => {
    const meant = folders.filter((id) => !ids || ids.has(id));
    const found = await mapSome(meant, (id) => outlines.get(id), EXAMINED_AT_ONCE);
    return new Map(found.map((outline) => [outline.id, outline]));
  };
  await lookAt(await catalog.folders());
  let isChanged = false;
  await catalog.change(async (current) => {
    const found = await lookAt(await catalog.folders());
    const named = new Set(current.map(({ guid }) => guid));
    const next = [
      ...current.flatMap((entry) =>
        !ids || ids.has(entry.guid) ? mended(entry, found.get(entry.guid), Date.parse(now())) : [entry],
      ),
      ...[...found.values()].flatMap(({ id, entry, isDeleted }) =>
        !entry || isDeleted || named.has(id) ? [] : [entry],
      ),
    ];
    const stored = await catalog.read();
    isChanged = !stored || JSON.stringify(next) !== JSON.stringify(current);
    if (isChanged && (await files.stat(CATALOG))) await backup.copy(CATALOG);
    return isChanged ? next : current;
  });
  return isChanged;
}

/** @param outline undefined when the chat has no folder */
function mended(entry: CatalogEntry, outline: ChatOutline | undefined, now: number): CatalogEntry[] {
  if (!outline) return isForgotten(entry, now) ? [] : [entry];
  return outline.isDeleted ? [] : [exactEntry(entry, outline)];
}

/** Chats as they are now; one that was not changed since it was read is not read again. */
class Outlines {
  readonly #files: FileStore;
  readonly #known = new Map<string, ChatOutline>();

  constructor(files: FileStore) {
    this.#files = files;
  }

  async get(id: string): Promise<ChatOutline> {
    const known = this.#known.get(id);
    if (known && (await this.#isSame(known))) return known;
    const { outline } = await examineChat(this.#files, id);
    this.#known.set(id, outline);
    return outline;
  }

  async #isSame({ id, sizes }: ChatOutline): Promise<boolean> {
    try {
      const { chat, meta } = await folderSizes(this.#files, chatFolder(id));
      return chat === sizes.chat && meta === sizes.meta;
    } catch {
      // Not to be looked at: examining it says so.
      return false;
    }
  }
}
