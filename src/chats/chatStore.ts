import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { questionText } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { type CatalogEntry, DEFAULT_TITLE, patchEntry, preview, withEntry, withoutEntry } from './catalog.ts';
import { CatalogFile } from './catalogFile.ts';
import { type ChatMeta, encodeMeta } from './chatMeta.ts';
import { chatFolder, chatLock, GITIGNORE, metaPath, transcriptPath, trashPath } from './paths.ts';
import { readPage } from './readTranscript.ts';
import { summarizeFolder } from './summarizeFolder.ts';
import {
  encodeRecord,
  encodeRecords,
  makeHeader,
  type TranscriptRecord,
  type TurnRecord,
  turnSeq,
} from './transcriptRecord.ts';
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

export interface ChatPatch {
  readonly title?: string | undefined;
  readonly pipelineId?: string | undefined;
}

/** The chats of one `.chats` folder. Transcripts are the truth; the catalog is a cache of them. */
export class ChatStore implements Disposable {
  readonly files: FileStore;
  readonly writer: Writer;
  readonly #now: () => string;
  readonly #log: ChatStoreOptions['log'];
  readonly #catalog: CatalogFile;
  readonly #watch: Disposable;
  readonly #onDidChange = new Emitter<void>();
  /** The list of chats may have changed, here or in another window. */
  readonly onDidChange = this.#onDidChange.event;

  constructor(options: ChatStoreOptions) {
    this.files = options.files;
    this.writer = new Writer(options.files, options.writerId);
    this.#now = options.now;
    this.#log = options.log;
    this.#catalog = new CatalogFile(options.files, options.now, options.log);
    this.#watch = this.files.watch('', () => this.#onDidChange.fire());
  }

  /** Every chat that has something to show, in no order. Mends the catalog where it and the folders disagree. */
  list(): Promise<readonly CatalogEntry[]> {
    return this.#catalog.entries();
  }

  /** Makes the folder, closed to git until the user says otherwise, and shows that this window writes there. */
  async prepare(): Promise<void> {
    if (!(await this.files.stat(''))) await this.files.create(GITIGNORE, new TextEncoder().encode('*\n'));
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
    await this.#catalog.change((entries) =>
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
    const lines = encodeRecords([makeHeader({ guid: id, created, pipelineId }), ...records]);
    if (!(await this.files.create(transcriptPath(id), lines))) {
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
  async appendTurn(id: string, makeTurn: (seq: number) => TurnRecord): Promise<void> {
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
  }

  /** Changes what is said of a chat; an empty title takes it away again. The transcript is not touched. */
  async update(id: string, patch: ChatPatch): Promise<void> {
    if (!(await this.files.stat(chatFolder(id)))) throw chatIsGone();
    const title = patch.title === undefined ? undefined : patch.title.replace(/\s+/g, ' ').trim() || DEFAULT_TITLE;
    const changed = {
      ...(title === undefined ? {} : { title }),
      ...(patch.pipelineId === undefined ? {} : { pipeline_id: patch.pipelineId }),
    };
    await this.#appendMeta(id, changed);
    await this.#catalog.change((entries) => patchEntry(entries, id, { ...changed, updated: this.#now() }));
    this.#onDidChange.fire();
  }

  /** Takes the chat out of the list and moves its folder to the trash. Deleting twice is no error. */
  async delete(id: string): Promise<void> {
    if (await this.files.stat(chatFolder(id))) await this.#appendMeta(id, { deleted: true });
    await this.#catalog.change((entries) => withoutEntry(entries, id));
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
    await this.#catalog.change(async (entries) => {
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
}

export function chatIsGone(): ChatError {
  return new ChatError('not-found', 'This chat was deleted.');
}
