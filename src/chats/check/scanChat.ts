import * as z from 'zod/mini';
import type { FileStore } from '../../files/fileStore.ts';
import { type AskedQuestion, questionText } from '../../protocol/question.ts';
import { decodeLines } from '../decodeLines.ts';
import { linesForward } from '../lineReader.ts';
import type { TranscriptFacts } from '../summarizeFolder.ts';
import {
  CHAT_SCHEMA_VERSION,
  decodeRecord,
  type HeaderRecord,
  type PlacedRecord,
  type TranscriptRecord,
  turnSeq,
} from '../transcriptRecord.ts';

/** What a transcript holds, every line of it read. */
export interface ChatScan {
  /** As a summary has them, but exact; undefined for a transcript without a question in which all can be read. */
  readonly facts: TranscriptFacts | undefined;
  /** Bytes that were read. */
  readonly byteCount: number;
  readonly turnCount: number;
  /** The first one that can be read, wherever it stands. */
  readonly header: HeaderRecord | undefined;
  /** True as well when a header will be readable once the torn tail is closed. */
  readonly hasHeader: boolean;
  /** ISO 8601, of the first record that has one. */
  readonly firstCreated: string | undefined;
  readonly isNewer: boolean;
  readonly isTorn: boolean;
  readonly counts: Readonly<Record<LineKind | 'seq-order' | 'end-without-ask', number>>;
  /** Where the asks stand, in bytes, by id. */
  readonly asks: ReadonlyMap<string, number>;
  /** Writers of the asks that have no end and were not asked again, by id. */
  readonly openAsks: ReadonlyMap<string, string>;
}

/** Lines with content that are no records of ours. */
type LineKind = 'unreadable-lines' | 'conflict-markers' | 'long-lines' | 'unknown-records';

/** Reads a whole transcript piece by piece; of each question only the id is held. */
export async function scanChat(files: FileStore, path: string): Promise<ChatScan> {
  const scan = new Scan();
  for await (const { bytes, offset, end, isTorn } of linesForward(files, path, 0)) {
    scan.byteCount = end;
    if (isTorn) scan.takeTorn(bytes);
    else if (bytes) scan.takeLines(bytes, offset);
    else scan.counts['long-lines'] += 1;
  }
  const asked = scan.askOfLastEnd;
  const question = asked === undefined ? undefined : await questionAt(files, path, asked);
  return scan.result(question ?? scan.lastQuestion);
}

class Scan {
  byteCount = 0;
  readonly counts: Record<keyof ChatScan['counts'], number> = {
    'unreadable-lines': 0,
    'conflict-markers': 0,
    'long-lines': 0,
    'unknown-records': 0,
    'seq-order': 0,
    'end-without-ask': 0,
  };
  readonly #asks = new Map<string, number>();
  readonly #openAsks = new Map<string, string>();
  #turnCount = 0;
  #header: HeaderRecord | undefined;
  #isTornHeader = false;
  #firstCreated: string | undefined;
  #last: TranscriptRecord | undefined;
  #firstQuestion: string | undefined;
  #lastQuestion: AskedQuestion | undefined;
  #highestSeq = Number.NEGATIVE_INFINITY;
  #isNewer = false;
  #isTorn = false;

  get lastQuestion(): AskedQuestion | undefined {
    return this.#lastQuestion;
  }

  /** Where the ask stands that the last record ends without an answer, in bytes. */
  get askOfLastEnd(): number | undefined {
    const last = this.#last;
    return last?.type === 'fail' || last?.type === 'cancel' ? this.#asks.get(last.id) : undefined;
  }

  takeTorn(bytes: Uint8Array | undefined): void {
    this.#isTorn = true;
    const text = new TextDecoder().decode(bytes);
    const record = decodeRecord(text);
    this.#isTornHeader = record?.type === 'header';
    if (versionOf(record ?? text) > CHAT_SCHEMA_VERSION) this.#isNewer = true;
  }

  takeLines(bytes: Uint8Array, offset: number): void {
    const { records, unreadableCount } = decodeLines(bytes, offset);
    for (const placed of records) this.#take(placed);
    if (unreadableCount === 0) return;
    const read = new Set(records.map((placed) => placed.offset - offset));
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(0x0a, start) + 1;
      if (!read.has(start)) this.#takeOther(new TextDecoder().decode(bytes.subarray(start, end)));
      start = end;
    }
  }

  result(lastQuestion: AskedQuestion | undefined): ChatScan {
    const { counts } = this;
    const otherCount =
      counts['unreadable-lines'] + counts['conflict-markers'] + counts['long-lines'] + counts['unknown-records'];
    const created = this.#header?.created ?? this.#firstCreated ?? '';
    const facts: TranscriptFacts = {
      created,
      updated: this.#last?.created ?? created,
      turnCount: this.#turnCount,
      pipelineId: this.#header?.pipeline_id ?? '',
      firstQuestion: this.#firstQuestion ?? '',
      lastQuestion: lastQuestion ? questionText(lastQuestion) : '',
      isUnreadable: this.#firstQuestion === undefined,
    };
    return {
      facts: this.#firstQuestion === undefined && otherCount === 0 ? undefined : facts,
      byteCount: this.byteCount,
      turnCount: this.#turnCount,
      header: this.#header,
      hasHeader: this.#header !== undefined || this.#isTornHeader,
      firstCreated: this.#firstCreated,
      isNewer: this.#isNewer,
      isTorn: this.#isTorn,
      counts,
      asks: this.#asks,
      openAsks: this.#openAsks,
    };
  }

  #take({ record, offset }: PlacedRecord): void {
    if (versionOf(record) > CHAT_SCHEMA_VERSION) this.#isNewer = true;
    this.#firstCreated ??= record.created;
    if (record.type === 'header') {
      this.#header ??= record;
      return;
    }
    this.#last = record;
    if (record.type === 'ask') {
      this.#asks.set(record.id, offset);
      this.#openAsks.set(record.id, record.writer.id);
      if (record.retry_of !== undefined) this.#openAsks.delete(record.retry_of);
    } else if (record.id !== undefined) {
      this.#openAsks.delete(record.id);
    }
    if (record.type === 'fail' || record.type === 'cancel') {
      if (!this.#asks.has(record.id)) this.counts['end-without-ask'] += 1;
    } else {
      this.#firstQuestion ??= questionText(record.question);
      this.#lastQuestion = record.question;
    }
    if (record.type === 'turn') this.#takeTurn(turnSeq(record));
  }

  #takeTurn(seq: number | undefined): void {
    this.#turnCount += 1;
    if (seq === undefined) return;
    if (seq <= this.#highestSeq) this.counts['seq-order'] += 1;
    else this.#highestSeq = seq;
  }

  #takeOther(text: string): void {
    if (text.trim() === '') return;
    if (versionOf(text) > CHAT_SCHEMA_VERSION) this.#isNewer = true;
    this.counts[kindOf(text)] += 1;
  }
}

const OUR_TYPES: ReadonlySet<string> = new Set<TranscriptRecord['type']>(['header', 'ask', 'turn', 'fail', 'cancel']);
const CONFLICT_MARKER = /^(<{7}|={7}|>{7}|\|{7})( .*)?$/;
const someRecord = z.looseObject({ type: z.optional(z.unknown()), schema_version: z.optional(z.unknown()) });
type SomeRecord = z.infer<typeof someRecord>;

function kindOf(text: string): LineKind {
  if (CONFLICT_MARKER.test(text.trimEnd())) return 'conflict-markers';
  const type = parseSome(text)?.type;
  return typeof type === 'string' && !OUR_TYPES.has(type) ? 'unknown-records' : 'unreadable-lines';
}

function versionOf(record: TranscriptRecord | string): number {
  const version = typeof record === 'string' ? parseSome(record)?.schema_version : record.schema_version;
  return typeof version === 'number' ? version : CHAT_SCHEMA_VERSION;
}

/** undefined for what is no JSON object. */
function parseSome(text: string): SomeRecord | undefined {
  try {
    return someRecord.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON; it is counted as such.
    return undefined;
  }
}

async function questionAt(files: FileStore, path: string, offset: number): Promise<AskedQuestion | undefined> {
  for await (const { bytes } of linesForward(files, path, offset)) {
    const [placed] = bytes ? decodeLines(bytes.subarray(0, bytes.indexOf(0x0a) + 1), offset).records : [];
    return placed?.record.type === 'ask' ? placed.record.question : undefined;
  }
  return undefined;
}
