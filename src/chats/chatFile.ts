import { ChatError, isServerCode } from '../protocol/chatError.ts';
import type { AskedQuestion } from '../protocol/question.ts';
import { Sequencer } from '../util/sequencer.ts';
import { BranchFilter } from './branchFilter.ts';
import type { ChatStore } from './chatStore.ts';
import { transcriptPath } from './paths.ts';
import { readHeader, readOn, readPage } from './readTranscript.ts';
import {
  type AskRecord,
  CHAT_SCHEMA_VERSION,
  type EndRecord,
  exchangeId,
  type PlacedRecord,
  type TranscriptRecord,
} from './transcriptRecord.ts';
import { WrittenRecords } from './writtenRecords.ts';

/** Turns read at once, from the newest back. */
const PAGE_TURNS = 50;
/** So many more may gather at the end before the oldest are let go. */
const SPARE_TURNS = 100;

/** The part of a file that is loaded. */
interface Loaded {
  readonly start: number;
  readonly end: number;
  readonly tail: Uint8Array;
  readonly size: number;
  readonly modified: number;
  readonly identity: string | undefined;
}

/** The records of one transcript as far as they are loaded; of a chat that is not saved, the records themselves. */
export class ChatFile {
  readonly #id: string;
  /** One read at a time, so that no line is taken twice. */
  readonly #sequencer = new Sequencer();
  readonly #written = new WrittenRecords();
  #store: ChatStore | undefined;
  #records: PlacedRecord[] = [];
  #branch = new BranchFilter();
  /** undefined before the first load. */
  #loaded: Loaded | undefined;
  /** How many turns somebody asked to see. */
  #wantedTurns = PAGE_TURNS;
  #isGone = false;
  /** What is wrong with what the file holds. */
  #problem: ChatError | undefined;
  /** Why the last read failed; the next one that does not ends it. */
  #readProblem: ChatError | undefined;

  constructor(id: string, store: ChatStore | undefined) {
    this.#id = id;
    this.#store = store;
  }

  get store(): ChatStore | undefined {
    return this.#store;
  }

  get records(): readonly PlacedRecord[] {
    return this.#records;
  }

  get hasOlder(): boolean {
    return (this.#loaded?.start ?? 0) > 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get problem(): ChatError | undefined {
    return this.#readProblem ?? this.#problem;
  }

  /** Nothing was read so far, nor could not be. */
  get isLoading(): boolean {
    const isRead = this.#loaded !== undefined || this.#isGone || this.problem !== undefined;
    return this.#store !== undefined && !isRead && this.#records.length === 0;
  }

  /** Reads what is new at the end of the file, or the last turns when nothing is loaded yet or it was rewritten. */
  refresh(): Promise<void> {
    return this.#sequencer.run('read', () => this.#refresh());
  }

  loadOlder(): Promise<void> {
    return this.#sequencer.run('read', async () => {
      if (!this.#store || !this.#loaded || this.#loaded.start === 0) return;
      const page = await readPage(this.#store.files, transcriptPath(this.#id), {
        end: this.#loaded.start,
        turnCount: PAGE_TURNS,
        branch: this.#branch,
      });
      this.#wantedTurns += PAGE_TURNS;
      this.#records = [...page.records, ...this.#records];
      this.#loaded = { ...this.#loaded, start: page.start };
    });
  }

  async append(ask: AskRecord): Promise<void> {
    if (!this.#store) return this.#keep(ask);
    await this.#store.append(this.#id, ask);
    this.#written.add(ask, ask.question);
    await this.refresh();
  }

  /** @param makeEnd gets the number of a turn */
  async appendEnd(question: AskedQuestion, makeEnd: (seq: number) => EndRecord): Promise<void> {
    if (!this.#store) {
      const count = this.#records.filter(({ record }) => record.type === 'turn').length;
      return this.#keep(makeEnd(count + 1));
    }
    const end = await this.#store.appendEnd(this.#id, question, makeEnd);
    this.#written.add(end, question);
    await this.refresh();
  }

  /** Puts the chat on disk with the records it has and `more`; from then on the file is the truth. */
  async save(store: ChatStore, pipelineId: string, more: readonly AskRecord[]): Promise<void> {
    const kept = this.#records.flatMap(({ record }) => (record.type === 'header' ? [] : [record]));
    await store.create(this.#id, pipelineId, [...kept, ...more]);
    for (const ask of more) this.#written.add(ask, ask.question);
    this.#store = store;
    await this.refresh();
  }

  #keep(record: TranscriptRecord): void {
    const offset = (this.#records.at(-1)?.offset ?? -1) + 1;
    this.#records.push({ offset, record });
  }

  async #refresh(): Promise<void> {
    if (!this.#store) return;
    try {
      await this.#read(this.#store);
      this.#readProblem = undefined;
    } catch (error) {
      // What is shown is still true while the server can't be asked; it is read on when it can.
      if (this.#loaded && ChatError.from(error).code === 'server-offline') return;
      this.#readProblem = cannotRead(error);
    }
  }

  async #read(store: ChatStore): Promise<void> {
    const { files } = store;
    const path = transcriptPath(this.#id);
    const found = await files.stat(path);
    this.#isGone = !found;
    if (!found) return;
    const { size, modified, identity } = found;
    const before = this.#loaded;
    if (before && before.size === size && before.modified === modified && before.identity === identity) return;
    const more = before?.identity === identity ? before && (await readOn(files, path, before, size)) : undefined;
    if (before && more && this.#followsOn(more.records)) {
      this.#records.push(...more.records);
      this.#loaded = { ...before, size, modified, end: more.end, tail: more.tail };
      this.#letGoOfOld();
      return;
    }
    await this.#load(store, { size, modified, identity });
    if (before && !more) await this.#appendAgain(store);
  }

  /** Somebody rewrote the file: what this window had put there must not be lost by it. */
  async #appendAgain(store: ChatStore): Promise<void> {
    try {
      if (!(await this.#written.appendMissing(store, this.#id))) return;
    } catch (error) {
      if (ChatError.from(error).code !== 'not-found') throw error;
    }
    await this.#read(store);
  }

  async #load(store: ChatStore, file: Pick<Loaded, 'size' | 'modified' | 'identity'>): Promise<void> {
    const path = transcriptPath(this.#id);
    this.#branch = new BranchFilter();
    const [page, header] = await Promise.all([
      readPage(store.files, path, { end: file.size, turnCount: this.#wantedTurns, branch: this.#branch }),
      readHeader(store.files, path),
    ]);
    this.#records = [...page.records];
    this.#loaded = { ...file, start: page.start, end: page.end, tail: page.tail };
    if ((header?.schema_version ?? 1) > CHAT_SCHEMA_VERSION) this.#problem = isNewer();
    else this.#problem = page.unreadableCount > 0 && !page.records.some(isQuestion) ? holdsNothing() : undefined;
  }

  /** Whether none of the records begins another branch than the one that is loaded. */
  #followsOn(records: readonly PlacedRecord[]): boolean {
    const known = new Set(this.#records.map(exchangeId));
    let last = this.#records.map(exchangeId).findLast((id) => id !== undefined);
    return records.every((placed) => {
      const { record } = placed;
      const id = exchangeId(placed);
      if (known.has(id)) return true;
      const parent = record.type === 'ask' || record.type === 'turn' ? record.parent : undefined;
      const follows = parent === undefined || parent === last;
      known.add(id);
      last = id;
      return follows;
    });
  }

  /** The host holds what its views show, not all that was said since the chat was opened. */
  #letGoOfOld(): void {
    const at = cutAt(this.#records, this.#wantedTurns, SPARE_TURNS);
    const first = this.#records[at];
    if (at === 0 || !first || !this.#loaded) return;
    this.#records = this.#records.slice(at);
    this.#loaded = { ...this.#loaded, start: first.offset };
    this.#branch = new BranchFilter();
    this.#branch.take(this.#records);
  }
}

/**
 * Where to cut records so that `turnCount` exchanges stay, none of them in part; 0 while there are not `spare` more.
 */
function cutAt(records: readonly PlacedRecord[], turnCount: number, spare: number): number {
  const left = new Map<string, number>();
  for (const placed of records) {
    const id = exchangeId(placed);
    if (id !== undefined) left.set(id, (left.get(id) ?? 0) + 1);
  }
  if (left.size <= turnCount + spare) return 0;
  let complete = 0;
  const open = new Set<string>();
  for (let at = records.length - 1; at > 0; at -= 1) {
    const placed = records[at];
    const id = placed && exchangeId(placed);
    if (id === undefined) continue;
    const rest = (left.get(id) ?? 0) - 1;
    left.set(id, rest);
    if (rest > 0) open.add(id);
    else {
      open.delete(id);
      complete += 1;
    }
    if (complete >= turnCount && open.size === 0) return at;
  }
  return 0;
}

function isQuestion({ record }: PlacedRecord): boolean {
  return record.type === 'ask' || record.type === 'turn';
}

function holdsNothing(): ChatError {
  return new ChatError('unreadable', 'Nothing in the file of this chat can be read. It was left as it is.');
}

function isNewer(): ChatError {
  return new ChatError(
    'newer-format',
    'This chat was written by a newer version of Pipeline Chat. It can be read here, not continued: update the extension.',
  );
}

function cannotRead(cause: unknown): ChatError {
  const { code, message } = ChatError.from(cause);
  return new ChatError(
    isServerCode(code) ? code : 'unreadable',
    `This chat can't be read: ${message} Nothing was changed.`,
    { cause },
  );
}
