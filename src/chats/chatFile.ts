import { ChatError } from '../protocol/chatError.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ChatStore } from './chatStore.ts';
import { transcriptPath } from './paths.ts';
import { readFrom, readHeader, readPage } from './readTranscript.ts';
import { CHAT_SCHEMA_VERSION, type PlacedRecord, type TranscriptRecord, type TurnRecord } from './transcriptRecord.ts';

/** Turns read at once, from the newest back. */
const PAGE_TURNS = 50;

/** The records of one transcript as far as they are loaded; of a chat that is not saved, the records themselves. */
export class ChatFile {
  readonly #id: string;
  /** One read at a time, so that no line is taken twice. */
  readonly #sequencer = new Sequencer();
  #store: ChatStore | undefined;
  #records: PlacedRecord[] = [];
  /** The loaded part of the file, in bytes; undefined before the first load. */
  #loaded: { start: number; end: number } | undefined;
  #isGone = false;
  #problem: ChatError | undefined;

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
    return this.#problem;
  }

  /** Reads what is new at the end of the file, or the last turns when nothing is loaded yet or the file shrank. */
  refresh(): Promise<void> {
    return this.#sequencer.run('read', () => this.#refresh());
  }

  loadOlder(): Promise<void> {
    return this.#sequencer.run('read', async () => {
      if (!this.#store || !this.#loaded || this.#loaded.start === 0) return;
      const page = await readPage(this.#store.files, transcriptPath(this.#id), {
        end: this.#loaded.start,
        turnCount: PAGE_TURNS,
      });
      this.#records = [...page.records, ...this.#records];
      this.#loaded = { start: page.start, end: this.#loaded.end };
    });
  }

  async append(record: Exclude<TranscriptRecord, TurnRecord>): Promise<void> {
    if (!this.#store) return this.#keep(record);
    await this.#store.append(this.#id, record);
    await this.refresh();
  }

  async appendTurn(makeTurn: (seq: number) => TurnRecord): Promise<void> {
    if (!this.#store) {
      const count = this.#records.filter(({ record }) => record.type === 'turn').length;
      return this.#keep(makeTurn(count + 1));
    }
    await this.#store.appendTurn(this.#id, makeTurn);
    await this.refresh();
  }

  /** Puts the chat on disk with the records it has and `more`; from then on the file is the truth. */
  async save(store: ChatStore, pipelineId: string, more: readonly TranscriptRecord[]): Promise<void> {
    await store.create(this.#id, pipelineId, [...this.#records.map(({ record }) => record), ...more]);
    this.#store = store;
    await this.refresh();
  }

  #keep(record: TranscriptRecord): void {
    const offset = (this.#records.at(-1)?.offset ?? -1) + 1;
    this.#records.push({ offset, record });
  }

  async #refresh(): Promise<void> {
    if (!this.#store || this.#isGone) return;
    const { files } = this.#store;
    const path = transcriptPath(this.#id);
    try {
      const found = await files.stat(path);
      if (!found) {
        this.#isGone = true;
        return;
      }
      if (!this.#loaded || found.size < this.#loaded.end) {
        const page = await readPage(files, path, { turnCount: PAGE_TURNS });
        const header = await readHeader(files, path);
        this.#records = [...page.records];
        this.#loaded = { start: page.start, end: page.end };
        this.#problem = (header?.schema_version ?? 1) > CHAT_SCHEMA_VERSION ? isNewer() : undefined;
      } else if (found.size > this.#loaded.end) {
        const page = await readFrom(files, path, this.#loaded.end);
        this.#records.push(...page.records);
        this.#loaded = { start: this.#loaded.start, end: page.end };
      }
    } catch (error) {
      this.#problem = cannotRead(error);
    }
  }
}

function isNewer(): ChatError {
  return new ChatError(
    'newer-format',
    'This chat was written by a newer version of Pipeline Chat. It can be read here, not continued: update the extension.',
  );
}

function cannotRead(cause: unknown): ChatError {
  const { message } = ChatError.from(cause);
  return new ChatError('unreadable', `This chat can't be read: ${message} Nothing was changed.`, { cause });
}
