import type { FileStore } from '../../files/fileStore.ts';
import { concatBytes } from '../../util/concatBytes.ts';
import { Pace } from '../../util/pace.ts';
import { decodeLines } from '../decodeLines.ts';
import { filePieces } from '../filePieces.ts';
import { jsonStrings } from '../jsonStrings.ts';
import { type LineBlock, linesForward } from '../lineReader.ts';
import { CHAT_SCHEMA_VERSION, type TranscriptRecord } from '../transcriptRecord.ts';

/** What a transcript holds, as a copy of it needs to know. */
export interface TranscriptContent {
  /** Bytes that were looked at; what is appended later is no part of this. */
  readonly size: number;
  readonly recordCount: number;
  readonly turnCount: number;
  /** Lines with content that are no records of ours. */
  readonly unreadableCount: number;
  /** Asks without an end, each with the id of its writer. */
  readonly openAsks: ReadonlyMap<string, string>;
  /** The id that the header gives the chat; undefined without a header. */
  readonly guid: string | undefined;
  /** Written in a format that this code does not know. */
  readonly isNewer: boolean;
}

/** Reads a transcript piece by piece; only the ids of asks without an end are held. */
export async function readContent(files: FileStore, path: string): Promise<TranscriptContent> {
  const size = (await files.stat(path))?.size ?? 0;
  const openAsks = new Map<string, string>();
  let recordCount = 0;
  let turnCount = 0;
  let unreadableCount = 0;
  let guid: string | undefined;
  let isNewer = false;
  const pace = new Pace();
  for await (const block of linesForward(files, path, 0, size)) {
    await pace.rest();
    const bytes = closed(block);
    const lines = bytes && decodeLines(bytes, block.offset);
    unreadableCount += lines?.unreadableCount ?? 1;
    for (const { record } of lines?.records ?? []) {
      recordCount += 1;
      isNewer ||= (record.schema_version ?? 1) > CHAT_SCHEMA_VERSION;
      if (record.type === 'header') guid ??= record.guid;
      else if (record.type === 'ask') openAsks.set(record.id, record.writer.id);
      else if (record.id !== undefined) openAsks.delete(record.id);
      if (record.type === 'turn') turnCount += 1;
    }
  }
  return { size, recordCount, turnCount, unreadableCount, openAsks, guid, isNewer };
}

export interface TranscriptCopy {
  /** The chat that the copy belongs to. */
  readonly id: string;
  /** Bytes of the original that are copied. */
  readonly size: number;
  /** Ids of asks that are left out. */
  readonly without: ReadonlySet<string>;
}

/**
 * A transcript as that of another chat: its records name that chat, and every other byte is as it was, those that can't
 * be read among them. A torn last line is closed. In place of an ask that is left out stands a blank line of its length,
 * because lines without an id are known by their place.
 */
export async function* copiedTranscript(
  files: FileStore,
  path: string,
  { id, size, without }: TranscriptCopy,
): AsyncGenerator<Uint8Array> {
  const pace = new Pace();
  for await (const block of linesForward(files, path, 0, size)) {
    await pace.rest();
    const bytes = closed(block);
    if (bytes) {
      yield concatBytes([...copiedLines(bytes, id, without)]);
    } else {
      yield* filePieces(files, path, { start: block.offset, end: block.end });
      if (block.isTorn) yield NEWLINE;
    }
  }
}

const NEWLINE = Uint8Array.of(0x0a);
const SPACE = 0x20;

/** Where a record names its chat. */
const ID_PATHS: Readonly<Partial<Record<TranscriptRecord['type'], string>>> = {
  header: 'guid',
  ask: 'question.chat_id',
  turn: 'question.chat_id',
};

function* copiedLines(bytes: Uint8Array, id: string, without: ReadonlySet<string>): Generator<Uint8Array> {
  const quotedId = new TextEncoder().encode(JSON.stringify(id));
  let copied = 0;
  for (const { offset: start, record } of decodeLines(bytes, 0).records) {
    const end = bytes.indexOf(NEWLINE[0] ?? 0, start);
    const isLeftOut = record.type === 'ask' && without.has(record.id);
    const path = ID_PATHS[record.type];
    if (isLeftOut) {
      yield bytes.subarray(copied, start);
      yield new Uint8Array(end - start).fill(SPACE);
      copied = end;
    } else if (path !== undefined) {
      for (const string of jsonStrings(bytes.subarray(start, end))) {
        if (string.isKey || string.path !== path) continue;
        yield bytes.subarray(copied, start + string.start);
        yield quotedId;
        copied = start + string.end;
      }
    }
  }
  yield bytes.subarray(copied);
}

/** Lines that all end in a newline; undefined for a line that is too long. */
function closed({ bytes, isTorn }: LineBlock): Uint8Array | undefined {
  return bytes && isTorn ? concatBytes([bytes, NEWLINE]) : bytes;
}
