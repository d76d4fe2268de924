import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { mapSome } from '../util/mapSome.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';
import type { CatalogFile } from './catalogFile.ts';
import type { ChatLocks } from './chatLocks.ts';
import type { ChatTrash } from './chatTrash.ts';
import { isStale, lostMeta, mergeEntry } from './mergeEntry.ts';
import { chatFolder } from './paths.ts';
import { type FolderSizes, type FolderSummary, folderSizes, summarizeFolder } from './summarizeFolder.ts';
import { writeMeta } from './writeMeta.ts';

/** An entry whose folder is missing for so long is not of a chat that is being made. */
const FORGOTTEN_MS = 10 * 60_000;

export interface CatalogCheckOptions {
  readonly files: FileStore;
  readonly catalog: CatalogFile;
  readonly locks: ChatLocks;
  readonly trash: ChatTrash;
  readonly now: () => string;
  readonly log: (message: string, cause?: unknown) => void;
}

interface Looked {
  readonly id: string;
  readonly before: CatalogEntry | undefined;
  readonly summary: FolderSummary;
}

/** Compares the catalog of a store with its folders, and mends it where they disagree. */
export class CatalogCheck {
  readonly #options: CatalogCheckOptions;
  /** Folders with nothing to list, as they were when they were looked at. */
  readonly #quiet = new Map<string, FolderSizes>();
  #problem: ChatError | undefined;

  constructor(options: CatalogCheckOptions) {
    this.#options = options;
  }

  /** Why the catalog can't be used, when that is so. */
  get problem(): ChatError | undefined {
    return this.#problem;
  }

  /** The catalog's entries of chats that are there, with those of folders that it does not name. */
  async list(): Promise<readonly CatalogEntry[]> {
    const { catalog, log } = this.#options;
    const [folders, read] = await Promise.all([catalog.folders(), this.#read()]);
    if (!read) return this.#listWithoutCatalog(folders);
    const named = new Set(read.entries.map(({ guid }) => guid));
    const added = await this.#unnamed(folders.filter((id) => !named.has(id)));
    const existing = new Set(folders);
    const entries = [...read.entries.filter(({ guid }) => existing.has(guid)), ...added];
    if (added.length === 0 || this.#problem) return entries;
    try {
      await catalog.change((current) => {
        const present = new Set(current.map(({ guid }) => guid));
        const missing = added.filter(({ guid }) => !present.has(guid));
        return missing.length > 0 ? [...current, ...missing] : current;
      });
    } catch (error) {
      log('Chats that the list did not name could not be added to it.', error);
    }
    return entries;
  }

  /** Looks at the files of every chat. True when the catalog was changed. */
  async run(): Promise<boolean> {
    const { catalog, files, log, trash } = this.#options;
    await this.list();
    const read = await catalog.read();
    if (!read) return false;
    const folders = await catalog.folders();
    const entries = new Map(read.entries.map((entry) => [entry.guid, entry]));
    const sizes = await mapSome(folders, (id) => this.#sizes(id));
    const stale = folders.filter((id, at) => {
      const entry = entries.get(id);
      const now = sizes[at];
      return entry && now && isStale(entry, now);
    });
    const looked = await mapSome(stale, (id) => this.#look(id, entries.get(id)));
    const existing = new Set(folders);
    const forgotten = new Map(
      read.entries.flatMap((entry) =>
        !existing.has(entry.guid) && this.#isOld(entry) ? [[entry.guid, entry] as const] : [],
      ),
    );
    const changes = new Map(looked.map((one) => [one.id, one]));
    if (changes.size === 0 && forgotten.size === 0) return false;
    let isChanged = false;
    await catalog.change((current) => {
      const next = current.flatMap((entry) => {
        const change = changes.get(entry.guid);
        if (change) return isSame(entry, change.before) ? after(entry, change.summary) : [entry];
        return isSame(entry, forgotten.get(entry.guid)) ? [] : [entry];
      });
      isChanged = next.length !== current.length || next.some((entry, at) => entry !== current[at]);
      return isChanged ? next : current;
    });
    for (const { id, summary } of looked) {
      if (!summary.meta.deleted) continue;
      // Somebody was stopped between marking a chat as deleted and moving it away.
      await trash.take(id).catch((error) => log(`The folder of chat ${id} could not be moved away.`, error));
    }
    if (isChanged) log(`The list of chats in ${files.location} was brought in line with their files.`);
    return isChanged;
  }

  async #read(): Promise<Catalog | undefined> {
    try {
      const read = await this.#options.catalog.read();
      this.#problem = undefined;
      return read;
    } catch (error) {
      this.#problem = ChatError.from(error);
      if (this.#problem.code === 'internal') throw error;
      return undefined;
    }
  }

  async #listWithoutCatalog(folders: readonly string[]): Promise<readonly CatalogEntry[]> {
    const { catalog, log } = this.#options;
    if (!this.#problem && folders.length > 0) {
      try {
        return await catalog.change((entries) => entries);
      } catch (error) {
        log('The list of chats could not be written.', error);
      }
    }
    return catalog.summaries(folders);
  }

  async #unnamed(ids: readonly string[]): Promise<CatalogEntry[]> {
    const found = await mapSome(ids, async (id) => {
      const quiet = this.#quiet.get(id);
      if (quiet && isSameSize(quiet, await this.#sizes(id))) return undefined;
      const { entry, meta, sizes } = await summarizeFolder(this.#options.files, id, chatFolder(id));
      if (entry && !meta.deleted) return entry;
      this.#quiet.set(id, sizes);
      return undefined;
    });
    return found.filter((entry) => entry !== undefined);
  }

  /** What the files say; what only the entry says is put beside the chat first. */
  async #look(id: string, before: CatalogEntry | undefined): Promise<Looked> {
    const { files, locks, log } = this.#options;
    const folder = chatFolder(id);
    const summary = await summarizeFolder(files, id, folder);
    const lost = before && summary.entry && lostMeta(before, summary.entry);
    if (!lost) return { id, before, summary };
    try {
      await locks.ofChat(id, (lease) => writeMeta(files, folder, lost, lease));
      return { id, before, summary: await summarizeFolder(files, id, folder) };
    } catch (error) {
      log(`What the list says of chat ${id} could not be kept beside it.`, error);
      return { id, before, summary: { ...summary, entry: before } };
    }
  }

  async #sizes(id: string): Promise<FolderSizes> {
    try {
      return await folderSizes(this.#options.files, chatFolder(id));
    } catch {
      // Not to be looked at: the summary says so.
      return { chat: undefined, meta: undefined };
    }
  }

  #isOld(entry: CatalogEntry): boolean {
    return Date.parse(this.#options.now()) - Date.parse(entry.updated) > FORGOTTEN_MS;
  }
}

function after(entry: CatalogEntry, { entry: fresh, meta }: FolderSummary): CatalogEntry[] {
  if (meta.deleted) return [];
  // Without a question it is no chat to list (yet).
  if (!fresh) return [entry];
  const merged = mergeEntry(entry, fresh);
  return [isSame(merged, entry) ? entry : merged];
}

function isSame(a: CatalogEntry, b: CatalogEntry | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function isSameSize(a: FolderSizes, b: FolderSizes): boolean {
  return a.chat === b.chat && a.meta === b.meta;
}
