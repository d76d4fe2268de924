import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { AskedQuestion } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { mapSome } from '../util/mapSome.ts';
import { type Catalog, type CatalogEntry, DEFAULT_TITLE, withoutEntries } from './catalog.ts';
import { CatalogCheck } from './catalogCheck.ts';
import { type CatalogChange, CatalogFile } from './catalogFile.ts';
import { ChatLocks } from './chatLocks.ts';
import type { ChatMeta } from './chatMeta.ts';
import { ChatTrash } from './chatTrash.ts';
import { EndSaver } from './endSaver.ts';
import { newEntry } from './keptEntry.ts';
import { withMeta } from './mergeEntry.ts';
import { CATALOG, chatFolder, GITIGNORE, transcriptPath } from './paths.ts';
import { readMeta } from './readMeta.ts';
import { type AskRecord, type EndRecord, encodeRecord, encodeRecords, makeHeader } from './transcriptRecord.ts';
import { savedOnce, savedRecord, whenConnected } from './whenConnected.ts';
import { writeMeta } from './writeMeta.ts';
import { Writer } from './writer.ts';

export interface ChatStoreOptions {
  readonly files: FileStore;
  /** ISO 8601 in UTC, with milliseconds and `Z`. */
  readonly now: () => string;
  /** A UUID for this window's life. */
  readonly writerId: string;
  /** Whether the folder may lie in a git repository, and is kept out of it until the user says otherwise. Default true. */
  readonly isInGit?: boolean;
  /** Hears of what was repaired or could not be done but costs nobody a turn. */
  readonly log: (message: string, cause?: unknown) => void;
}

export interface ChatPatch {
  /** An empty one takes the title away. */
  readonly title?: string | undefined;
  readonly pipelineId?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly archived?: boolean | undefined;
}

/** The chats of one `.chats` folder. Transcripts are the truth; the catalog is a cache of them. */
export class ChatStore implements Disposable {
  readonly files: FileStore;
  readonly writer: Writer;
  readonly trash: ChatTrash;
  readonly locks: ChatLocks;
  readonly #isInGit: boolean;
  readonly #now: () => string;
  readonly #log: ChatStoreOptions['log'];
  readonly #catalog: CatalogFile;
  readonly #check: CatalogCheck;
  readonly #ends: EndSaver;
  readonly #watch: Disposable;
  readonly #onDidChange = new Emitter<void>();
  /** The list of chats may have changed, here or in another window; or this window waits for another. */
  readonly onDidChange = this.#onDidChange.event;
  #waitingCount = 0;

  constructor({ files, now, writerId, log, isInGit = true }: ChatStoreOptions) {
    this.files = files;
    this.#isInGit = isInGit;
    this.#now = now;
    this.#log = log;
    this.writer = new Writer(files, writerId);
    this.locks = new ChatLocks(files, (isWaiting) => {
      this.#waitingCount += isWaiting ? 1 : -1;
      this.#onDidChange.fire();
    });
    const catalog = new CatalogFile({ files, now, log, locks: this.locks });
    const onDidChange = () => this.#onDidChange.fire();
    this.#catalog = catalog;
    this.#ends = new EndSaver({ files, catalog, locks: this.locks, log });
    this.trash = new ChatTrash({ files, catalog, locks: this.locks, onDidChange });
    this.#check = new CatalogCheck({ files, catalog, now, log, locks: this.locks, trash: this.trash });
    this.#watch = files.watch('', onDidChange);
  }

  /** Another window keeps something waiting that was asked of this store. */
  get isWaiting(): boolean {
    return this.#waitingCount > 0;
  }

  /** Why the list on disk can't be used, as found by the last `list`: the chats are listed from their folders then. */
  get problem(): ChatError | undefined {
    return this.#check.problem;
  }

  /**
   * Every chat that has something to show, in no order. Costs a read of the catalog, and more only for folders that it
   * does not name.
   */
  list(): Promise<readonly CatalogEntry[]> {
    return this.#check.list();
  }

  /** Compares the catalog with the files of every chat, and mends it where they disagree. */
  async check(): Promise<void> {
    if (await this.#check.run()) this.#onDidChange.fire();
  }

  /** Makes the folder, closed to git until the user says otherwise, and shows that this window writes there. */
  prepare(): Promise<void> {
    return whenConnected(async () => {
      const isOpenToGit = this.#isInGit && !(await this.files.stat(GITIGNORE)) && !(await this.files.stat(CATALOG));
      if (isOpenToGit) await this.files.create(GITIGNORE, new TextEncoder().encode('*\n'));
      await this.writer.hold();
    });
  }

  /** Puts a new chat on disk with its first records. */
  async create(id: string, pipelineId: string, records: readonly (AskRecord | EndRecord)[]): Promise<void> {
    chatFolder(id);
    const created = this.#now();
    const lines = encodeRecords([makeHeader({ guid: id, created, pipelineId }), ...records]);
    const entry = newEntry({ id, created, pipelineId }, records, lines.length);
    const path = transcriptPath(id);
    const last = records.at(-1);
    const write = async () => {
      const made = this.locks.ofChat(id, (lease) => this.files.create(path, lines, lease));
      const isNew = await made.catch(async (error) => {
        // The folder was not there before; what is left of this must not be in the way of the next try.
        await this.files.remove(chatFolder(id)).catch(() => undefined);
        throw error;
      });
      const isOurs = isNew || (last && (await savedRecord(this.files, path, last)));
      if (!isOurs) throw new ChatError('invalid', 'There is a chat with this id already.');
    };
    await savedOnce(this.files, path, last, () => this.add([entry], write));
  }

  /**
   * Lists chats, then has their files written: SDK clients sweep away folders that the catalog does not name. When the
   * files can't be written, the chats are not listed any more.
   */
  async add(entries: readonly CatalogEntry[], write: () => Promise<void>): Promise<void> {
    const ids = new Set(entries.map(({ guid }) => guid));
    for (const id of ids) {
      if (await this.files.stat(chatFolder(id))) {
        throw new ChatError('invalid', 'There is a chat with this id already.');
      }
    }
    await this.#changeList((current) => [...withoutEntries(current, ids), ...entries]);
    try {
      await write();
    } catch (error) {
      await this.#catalog
        .change((current) => withoutEntries(current, ids))
        .catch((cause) => this.#log('A chat that could not be written is still named in the list.', cause));
      throw error;
    }
    this.#onDidChange.fire();
  }

  /** Changes all that the catalog holds; a change that returns what it was given writes nothing. */
  async changeCatalog(change: (catalog: Catalog) => Promise<Catalog>): Promise<void> {
    await this.#catalog.changeAll(change);
    this.#onDidChange.fire();
  }

  /** Makes a question safe. @throws ChatError `not-found` when the chat was deleted meanwhile. */
  async append(id: string, ask: AskRecord): Promise<void> {
    const [path, line] = [transcriptPath(id), encodeRecord(ask)];
    await savedOnce(this.files, path, ask, async () => {
      if (this.files.jot) await this.files.jot(path, line);
      else await this.locks.ofChat(id, (lease) => this.files.append(path, line, lease));
    });
  }

  /**
   * Appends the end of an ask; a turn is given its `seq`. Resolves when it is on disk; a catalog that can't follow is
   * logged and mended later, because the end is what counts. @throws ChatError `not-found` when the chat was deleted.
   * @param mayBeSaved the end is looked for first
   */
  async appendEnd(
    id: string,
    question: AskedQuestion,
    makeEnd: (seq: number) => EndRecord,
    mayBeSaved = false,
  ): Promise<EndRecord> {
    const end = await this.#ends.save(id, question, makeEnd, mayBeSaved);
    this.#onDidChange.fire();
    return end;
  }

  /** Changes what is said of chats. Their transcripts are not touched. @throws ChatError `not-found`. */
  async update(ids: string | readonly string[], patch: ChatPatch): Promise<void> {
    const title = patch.title === undefined ? undefined : patch.title.replace(/\s+/g, ' ').trim() || DEFAULT_TITLE;
    const said: ChatMeta = {
      ...(title === undefined ? {} : { title }),
      ...(patch.pipelineId === undefined ? {} : { pipeline_id: patch.pipelineId }),
      ...(patch.pinned === undefined ? {} : { pinned: patch.pinned }),
      ...(patch.archived === undefined ? {} : { archived: patch.archived }),
    };
    const changed = new Set<string>();
    for (const id of typeof ids === 'string' ? [ids] : ids) {
      await whenConnected(() => this.locks.ofChat(id, (lease) => writeMeta(this.files, chatFolder(id), said, lease)));
      changed.add(id);
    }
    await this.#changeList(async (entries) => {
      const named = entries.filter(({ guid }) => changed.has(guid));
      if (named.length === 0) return entries;
      // Another window may have said more meanwhile: what holds is what the file says now.
      const patched = await mapSome(named, async (entry) => {
        const said = await readMeta(this.files, chatFolder(entry.guid));
        return said ? withMeta(entry, said, patch.title !== undefined) : entry;
      });
      const byId = new Map(patched.map((entry) => [entry.guid, entry]));
      return entries.map((entry) => byId.get(entry.guid) ?? entry);
    });
    this.#onDidChange.fire();
  }

  /**
   * Moves chats to the trash, and tells their names there. A folder that can't be moved is marked, which keeps it out of
   * the list as well. Deleting twice is no error. @throws ChatError when neither could be done.
   */
  async delete(...ids: string[]): Promise<string[]> {
    const failures: unknown[] = [];
    const deleted = new Set<string>();
    const names: string[] = [];
    for (const id of ids) {
      try {
        let isAgain = false;
        const name = await whenConnected(async () => {
          const wasTried = isAgain;
          isAgain = true;
          return (await this.#moveToTrash(id)) ?? (wasTried ? (await this.trash.find(id))?.name : undefined);
        });
        deleted.add(id);
        if (name !== undefined) names.push(name);
      } catch (error) {
        failures.push(error);
      }
    }
    try {
      await this.#changeList((entries) => withoutEntries(entries, deleted));
    } catch (error) {
      // A chat without its folder is not listed, whatever the catalog says.
      const isListed = (await mapSome([...deleted], (id) => this.files.stat(chatFolder(id)))).some(Boolean);
      if (isListed) failures.push(error);
      this.#log('Chats were deleted, but the list of chats could not be updated.', error);
    }
    this.#onDidChange.fire();
    if (failures.length > 0) throw failures[0];
    return names;
  }

  dispose(): void {
    this.#watch.dispose();
    this.writer.dispose();
    this.#onDidChange.dispose();
  }

  #changeList(change: CatalogChange): Promise<unknown> {
    return whenConnected(() => this.#catalog.change(change));
  }

  /** The name in the trash; undefined when there was nothing to move. */
  async #moveToTrash(id: string): Promise<string | undefined> {
    if (!(await this.files.stat(chatFolder(id)))) return undefined;
    const mark = { deleted: true, deleted_at: this.#now() };
    const marked = await this.locks
      .ofChat(id, (lease) => writeMeta(this.files, chatFolder(id), mark, lease))
      .then(
        () => true,
        (error) => {
          if (ChatError.from(error).code === 'server-offline') throw error;
          this.#log(`Chat ${id} could not be marked as deleted.`, error);
          return false;
        },
      );
    try {
      return await this.trash.take(id);
    } catch (error) {
      // Gone already, or held open by somebody: then the mark has to do.
      const { code } = ChatError.from(error);
      if (code === 'not-found') return undefined;
      if (!marked || code === 'server-offline') throw error;
      this.#log(`The folder of chat ${id} could not be moved away.`, error);
      return id;
    }
  }
}
