import type { FileStore, Lease } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { mapSome } from '../util/mapSome.ts';
import { sameBytes } from '../util/sameBytes.ts';
import {
  type Catalog,
  type CatalogEntry,
  decodeCatalog,
  EMPTY_CATALOG,
  encodeCatalog,
  nextCatalog,
} from './catalog.ts';
import type { ChatLocks } from './chatLocks.ts';
import { CATALOG, CATALOG_LOCK, chatFolder, isChatId } from './paths.ts';
import { summarizeFolder } from './summarizeFolder.ts';

const MOST_TRIES = 3;

export type CatalogChange = (
  entries: readonly CatalogEntry[],
) => readonly CatalogEntry[] | Promise<readonly CatalogEntry[]>;

export interface CatalogFileOptions {
  readonly files: FileStore;
  readonly now: () => string;
  readonly log: (message: string, cause?: unknown) => void;
  readonly locks: ChatLocks;
}

/** `catalog.json` of one store: a cache of what the chats' folders say, changed by one window at a time. */
export class CatalogFile {
  readonly #files: FileStore;
  readonly #options: CatalogFileOptions;
  /** The last version seen, so that the same bytes are not parsed again. */
  #last: { readonly bytes: Uint8Array; readonly catalog: Catalog } | undefined;

  constructor(options: CatalogFileOptions) {
    this.#files = options.files;
    this.#options = options;
  }

  /**
   * The catalog as it is on disk; undefined when it is missing or torn. Any other failure to read is thrown, never taken
   * for an empty one.
   */
  async read(): Promise<Catalog | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#files.read(CATALOG);
    } catch (error) {
      if (ChatError.from(error).code === 'not-found') return undefined;
      throw error;
    }
    if (this.#last && sameBytes(bytes, this.#last.bytes)) return this.#last.catalog;
    const catalog = decodeCatalog(new TextDecoder().decode(bytes));
    this.#last = catalog && { bytes, catalog };
    return catalog;
  }

  /**
   * Reads, changes and writes the next version, with nobody in between. A change that returns the entries it was given
   * writes nothing, unless they had to be rebuilt. @throws ChatError when the catalog is there but can't be read: nothing
   * is written then.
   */
  async change(change: CatalogChange): Promise<readonly CatalogEntry[]> {
    const { entries } = await this.changeAll(async (current) => {
      const entries = await change(current.entries);
      return entries === current.entries ? current : { ...current, entries };
    });
    return entries;
  }

  /** As `change`, of all that the catalog holds. */
  changeAll(change: (current: Catalog) => Promise<Catalog>): Promise<Catalog> {
    return this.#options.locks.exclusive(CATALOG_LOCK, async (lease) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await this.#changeOnce(change, lease);
        } catch (error) {
          // A client that knows no lock of ours was writing the list: what it wrote is read and changed.
          if (ChatError.from(error).code !== 'contended' || tries === MOST_TRIES) throw error;
        }
      }
    });
  }

  async #changeOnce(change: (current: Catalog) => Promise<Catalog>, lease: Lease): Promise<Catalog> {
    const stored = await this.read();
    const changed = await change(stored ?? (await this.#rebuilt()));
    if (changed === stored) return stored;
    const catalog = nextCatalog(changed, changed.entries);
    const bytes = new TextEncoder().encode(encodeCatalog(catalog));
    await this.#files.write(CATALOG, bytes, lease);
    this.#last = { bytes, catalog };
    return catalog;
  }

  /** Every folder that may be a chat's. */
  async folders(): Promise<string[]> {
    const found = await this.#files.list('');
    return found.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [name] : []));
  }

  /** What the folders say; chats marked as deleted and chats without a question are left out. */
  async summaries(ids: readonly string[]): Promise<CatalogEntry[]> {
    const found = await mapSome(ids, (id) => summarizeFolder(this.#files, id, chatFolder(id)));
    return found.flatMap(({ entry, meta }) => (entry && !meta.deleted ? [entry] : []));
  }

  /** What the folders say, for a catalog that is missing or torn; the bytes of a torn one are kept beside it. */
  async #rebuilt(): Promise<Catalog> {
    const entries = await this.summaries(await this.folders());
    if (!(await this.#files.stat(CATALOG))) return { ...EMPTY_CATALOG, entries };
    const bytes = await this.#files.read(CATALOG);
    const copy = `${CATALOG}.bad-${this.#options.now().replaceAll(/[:.]/g, '-')}`;
    await this.#files.create(copy, bytes);
    this.#options.log(
      `The list of chats in ${this.#files.location} was unreadable and is rebuilt; its bytes are in ${copy}.`,
    );
    // The version stands near the start, so a torn tail leaves it.
    const version = Number(/"version":\s*(\d+)/.exec(new TextDecoder().decode(bytes))?.[1] ?? 0);
    return { ...EMPTY_CATALOG, version, entries };
  }
}
