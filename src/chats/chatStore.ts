import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { questionText } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import {
  type Catalog,
  type CatalogEntry,
  DEFAULT_TITLE,
  decodeCatalog,
  EMPTY_CATALOG,
  encodeCatalog,
  patchEntry,
  preview,
  withEntry,
  withoutEntry,
} from './catalog.ts';
import { type ChatMeta, encodeMeta } from './chatMeta.ts';
import {
  CATALOG,
  CATALOG_LOCK,
  chatFolder,
  chatLock,
  GITIGNORE,
  isChatId,
  metaPath,
  transcriptPath,
  trashPath,
} from './paths.ts';
import { readPage } from './readTranscript.ts';
import { summarizeFolder } from './summarizeFolder.ts';
import { encodeRecord, makeHeader, type TranscriptRecord, type TurnRecord, turnSeq } from './transcriptRecord.ts';
import { Writer } from './writer.ts';

export interface ChatStoreOptions {
  readonly files: FileStore;
  /** ISO 8601 in UTC, with milliseconds and `Z`. */
  readonly now: () => string;
  /** A UUID for this window's life. */
  readonly writerId: string;
  /** Hears of what was repaired or could not be done but costs nobody a turn. */
  readonly log: (message: string, cause?: unknown) => void;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The chats of one `.chats` folder. Transcripts are the truth; the catalog is a cache of them. */
export class ChatStore implements Disposable {
  readonly files: FileStore;
  readonly writer: Writer;
  readonly #now: () => string;
  readonly #log: ChatStoreOptions['log'];
  readonly #watch: Disposable;
  readonly #onDidChange = new Emitter<void>();
  /** The list of chats may have changed, here or in another window. */
  readonly onDidChange = this.#onDidChange.event;

  constructor(options: ChatStoreOptions) {
    this.files = options.files;
    this.writer = new Writer(options.files, options.writerId);
    this.#now = options.now;
    this.#log = options.log;
    this.#watch = this.files.watch('', () => this.#onDidChange.fire());
  }

  /** Every chat that has something to show, in no order. Mends the catalog where it and the folders disagree. */
  async list(): Promise<readonly CatalogEntry[]> {
    const catalog = await this.#readCatalog();
    const folders = await this.#chatFolders();
    const known = new Set(catalog?.entries.map((entry) => entry.guid));
    if (catalog && folders.every((id) => known.has(id))) {
      const existing = new Set(folders);
      return catalog.entries.filter((entry) => existing.has(entry.guid));
    }
    return this.#mend(folders);
  }

  async entry(id: string): Promise<CatalogEntry | undefined> {
    return (await this.list()).find((entry) => entry.guid === id);
  }

  /** Makes the folder, closed to git until the user says otherwise, and shows that this window writes there. */
  async prepare(): Promise<void> {
    if (!(await this.files.stat(''))) await this.files.create(GITIGNORE, encode('*\n'));
    await this.writer.hold();
  }

  /**
   * Puts a new chat on disk with its first records. The catalog entry comes first, because SDK clients sweep away
   * folders that the catalog does not name.
   */
  async create(id: string, pipelineId: string, records: readonly TranscriptRecord[]): Promise<void> {
    chatFolder(id);
    const created = this.#now();
    const texts = records.flatMap((record) =>
      record.type === 'ask' || record.type === 'turn' ? [questionText(record.question)] : [],
    );
    const turns = records.filter((record) => record.type === 'turn');
    await this.#changeCatalog((entries) =>
      withEntry(entries, {
        guid: id,
        title: DEFAULT_TITLE,
        created,
        updated: created,
        message_count: turns.length,
        preview: preview(texts.at(-1) ?? ''),
        pipeline_id: pipelineId,
        first_question: preview(texts[0] ?? ''),
      }),
    );
    const lines = [makeHeader({ guid: id, created, pipelineId }), ...records].map((record) =>
      decode(encodeRecord(record)),
    );
    if (!(await this.files.create(transcriptPath(id), encode(lines.join(''))))) {
      throw new ChatError('invalid', 'There is a chat with this id already.');
    }
    this.#onDidChange.fire();
  }

  /** Appends records other than turns. @throws ChatError `not-found` when the chat was deleted meanwhile. */
  async append(id: string, record: Exclude<TranscriptRecord, TurnRecord>): Promise<void> {
    await this.files.exclusive(chatLock(id), (lease) =>
      this.files.append(transcriptPath(id), encodeRecord(record), lease),
    );
  }

  /**
   * Appends a turn and gives it its `seq`. Resolves when the turn is on disk; a catalog that can't follow is logged
   * and mended later, because the turn is what counts.
   */
  async appendTurn(id: string, makeTurn: (seq: number) => TurnRecord): Promise<number> {
    const turn = await this.files.exclusive(chatLock(id), async (lease) => {
      const made = makeTurn((await this.#lastSeq(id)) + 1);
      await this.files.append(transcriptPath(id), encodeRecord(made), lease);
      return made;
    });
    try {
      await this.#touch(id, turn);
    } catch (error) {
      this.#log('A turn was saved, but the list of chats could not be updated.', error);
    }
    this.#onDidChange.fire();
    return turnSeq(turn) ?? 0;
  }

  /** Gives the chat a title; an empty one takes it away again. The transcript is not touched. */
  async rename(id: string, title: string): Promise<void> {
    const cleaned = title.replace(/\s+/g, ' ').trim() || DEFAULT_TITLE;
    if (!(await this.files.stat(chatFolder(id)))) throw chatIsGone();
    await this.#appendMeta(id, { title: cleaned });
    await this.#changeCatalog((entries) => patchEntry(entries, id, { title: cleaned, updated: this.#now() }));
    this.#onDidChange.fire();
  }

  /** Takes the chat out of the list and moves its folder to the trash. Deleting twice is no error. */
  async delete(id: string): Promise<void> {
    if (await this.files.stat(chatFolder(id))) await this.#appendMeta(id, { deleted: true });
    await this.#changeCatalog((entries) => withoutEntry(entries, id));
    try {
      await this.files.exclusive(chatLock(id), () => this.files.move(chatFolder(id), trashPath(id)));
    } catch (error) {
      // Gone already, or held open by somebody: the mark in its meta file keeps it out of the list.
      if (ChatError.from(error).code !== 'not-found')
        this.#log(`The folder of chat ${id} could not be moved away.`, error);
    }
    this.#onDidChange.fire();
  }

  dispose(): void {
    this.#watch.dispose();
    this.writer.dispose();
    this.#onDidChange.dispose();
  }

  async #touch(id: string, turn: TurnRecord): Promise<void> {
    await this.#changeCatalog(async (entries) => {
      const entry = entries.find((one) => one.guid === id);
      if (!entry) {
        const rebuilt = await summarizeFolder(this.files, id);
        return rebuilt ? withEntry(entries, rebuilt) : entries;
      }
      return patchEntry(entries, id, {
        updated: turn.created,
        message_count: entry.message_count + 1,
        preview: preview(questionText(turn.question)),
      });
    });
  }

  async #lastSeq(id: string): Promise<number> {
    for (let turnCount = 1, end: number | undefined; ; turnCount *= 2) {
      const page = await readPage(this.files, transcriptPath(id), { end, turnCount });
      const seqs = page.records.flatMap(({ record }) => turnSeq(record) ?? []);
      if (seqs.length > 0) return Math.max(...seqs);
      if (page.start === 0) return 0;
      end = page.start;
    }
  }

  async #appendMeta(id: string, patch: ChatMeta): Promise<void> {
    const line = encodeMeta(patch);
    if (await this.files.create(metaPath(id), line)) return;
    await this.files.exclusive(chatLock(id), (lease) => this.files.append(metaPath(id), line, lease));
  }

  async #chatFolders(): Promise<string[]> {
    const entries = await this.files.list('');
    return entries.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [name] : []));
  }

  /** undefined when the catalog is missing or torn. Any other failure to read is thrown, never taken for an empty one. */
  async #readCatalog(): Promise<Catalog | undefined> {
    try {
      return decodeCatalog(decode(await this.files.read(CATALOG)));
    } catch (error) {
      if (ChatError.from(error).code === 'not-found') return undefined;
      throw error;
    }
  }

  /** Adds what the folders hold and the catalog does not name. Marked-deleted and empty chats stay unlisted. */
  async #mend(folders: readonly string[]): Promise<readonly CatalogEntry[]> {
    const missing: CatalogEntry[] = [];
    const known = new Set((await this.#readCatalog())?.entries.map((entry) => entry.guid));
    for (const id of folders) {
      const entry = known.has(id) ? undefined : await summarizeFolder(this.files, id);
      if (entry) missing.push(entry);
    }
    if (missing.length > 0) {
      this.#log(`The list of chats in ${this.files.location} was mended: ${missing.length} added from their folders.`);
      await this.#changeCatalog((entries) => {
        const present = new Set(entries.map((entry) => entry.guid));
        return [...entries, ...missing.filter((entry) => !present.has(entry.guid))];
      });
    }
    const existing = new Set(folders);
    return ((await this.#readCatalog())?.entries ?? []).filter((entry) => existing.has(entry.guid));
  }

  /** The mutex of the catalog: read, change, write as the next version, with nobody in between. */
  async #changeCatalog(
    change: (entries: readonly CatalogEntry[]) => readonly CatalogEntry[] | Promise<readonly CatalogEntry[]>,
  ): Promise<void> {
    await this.files.exclusive(CATALOG_LOCK, async (lease) => {
      const current = (await this.#readCatalog()) ?? (await this.#rebuilt());
      const entries = await change(current.entries);
      if (entries === current.entries) return;
      await this.files.write(CATALOG, encode(encodeCatalog(current, entries)), lease);
    });
  }

  /** What the folders say, for a catalog that is missing or torn; the bytes of a torn one are kept beside it. */
  async #rebuilt(): Promise<Catalog> {
    if (await this.files.stat(CATALOG)) {
      const copy = `catalog.json.bad-${this.#now().replaceAll(/[:.]/g, '-')}`;
      await this.files.create(copy, await this.files.read(CATALOG));
      this.#log(`The list of chats in ${this.files.location} was unreadable and is rebuilt; its bytes are in ${copy}.`);
    }
    const entries: CatalogEntry[] = [];
    for (const id of await this.#chatFolders()) {
      const entry = await summarizeFolder(this.files, id);
      if (entry) entries.push(entry);
    }
    return { ...EMPTY_CATALOG, entries };
  }
}

export function chatIsGone(): ChatError {
  return new ChatError('not-found', 'This chat was deleted.');
}
