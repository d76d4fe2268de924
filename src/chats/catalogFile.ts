import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Catalog, type CatalogEntry, decodeCatalog, EMPTY_CATALOG, encodeCatalog } from './catalog.ts';
import { CATALOG, CATALOG_LOCK, isChatId } from './paths.ts';
import { summarizeFolder } from './summarizeFolder.ts';

export type CatalogChange = (
  entries: readonly CatalogEntry[],
) => readonly CatalogEntry[] | Promise<readonly CatalogEntry[]>;

/** `catalog.json` of one store: a cache of what the chats' folders say, changed by one window at a time. */
export class CatalogFile {
  readonly #files: FileStore;
  readonly #now: () => string;
  readonly #log: (message: string, cause?: unknown) => void;

  constructor(files: FileStore, now: () => string, log: (message: string, cause?: unknown) => void) {
    this.#files = files;
    this.#now = now;
    this.#log = log;
  }

  /** The entries of every chat that has something to show. Mends the catalog where it and the folders disagree. */
  async entries(): Promise<readonly CatalogEntry[]> {
    const folders = await this.#chatFolders();
    const listed = (await this.#read())?.entries;
    const known = new Set(listed?.map((entry) => entry.guid));
    const missing = await this.#summaries(folders.filter((id) => !known.has(id)));
    const entries = missing.length > 0 ? await this.#mend(missing) : (listed ?? []);
    const existing = new Set(folders);
    return entries.filter((entry) => existing.has(entry.guid));
  }

  /**
   * Reads, changes and writes the next version, with nobody in between. A change that returns the entries it was given
   * writes nothing, unless they had to be rebuilt. @throws ChatError when the catalog is there but can't be read: nothing is written then.
   */
  async change(change: CatalogChange): Promise<readonly CatalogEntry[]> {
    return this.#files.exclusive(CATALOG_LOCK, async (lease) => {
      const stored = await this.#read();
      const current = stored ?? (await this.#rebuilt());
      const entries = await change(current.entries);
      if (entries !== stored?.entries) {
        await this.#files.write(CATALOG, new TextEncoder().encode(encodeCatalog(current, entries)), lease);
      }
      return entries;
    });
  }

  #mend(missing: readonly CatalogEntry[]): Promise<readonly CatalogEntry[]> {
    return this.change((entries) => {
      const present = new Set(entries.map((entry) => entry.guid));
      const added = missing.filter((entry) => !present.has(entry.guid));
      if (added.length === 0) return entries;
      this.#log(`The list of chats in ${this.#files.location} was mended: ${added.length} added from their folders.`);
      return [...entries, ...added];
    });
  }

  /** What the folders say, for a catalog that is missing or torn; the bytes of a torn one are kept beside it. */
  async #rebuilt(): Promise<Catalog> {
    if (await this.#files.stat(CATALOG)) {
      const copy = `${CATALOG}.bad-${this.#now().replaceAll(/[:.]/g, '-')}`;
      await this.#files.create(copy, await this.#files.read(CATALOG));
      this.#log(
        `The list of chats in ${this.#files.location} was unreadable and is rebuilt; its bytes are in ${copy}.`,
      );
    }
    return { ...EMPTY_CATALOG, entries: await this.#summaries(await this.#chatFolders()) };
  }

  /** undefined when the catalog is missing or torn. Any other failure to read is thrown, never taken for an empty one. */
  async #read(): Promise<Catalog | undefined> {
    try {
      return decodeCatalog(new TextDecoder().decode(await this.#files.read(CATALOG)));
    } catch (error) {
      if (ChatError.from(error).code === 'not-found') return undefined;
      throw error;
    }
  }

  /** What the folders say; chats marked as deleted and chats without a question are left out. */
  async #summaries(ids: readonly string[]): Promise<CatalogEntry[]> {
    const entries: CatalogEntry[] = [];
    for (const id of ids) {
      const entry = await summarizeFolder(this.#files, id);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  async #chatFolders(): Promise<string[]> {
    const found = await this.#files.list('');
    return found.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [name] : []));
  }
}
