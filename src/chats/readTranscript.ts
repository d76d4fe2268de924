import type { FileStore } from '../files/fileStore.ts';
import { decodeRecord, type HeaderRecord, MAX_LINE_BYTES, type PlacedRecord } from './transcriptRecord.ts';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

export interface TranscriptPage {
  readonly records: readonly PlacedRecord[];
  /** Where the first line of this page starts; 0 at the start of the file. */
  readonly start: number;
  /** Just behind the last whole line of this page. */
  readonly end: number;
  /** Lines with content that are no records of ours. */
  readonly unreadableCount: number;
}

/**
 * The records of the lines in front of `end`, from the newest back until at least `turnCount` questions are in the page
 * or the file starts. The cost depends on the size of what is returned, not on that of the file.
 * @param end where a line starts; without it the end of the file, where a line that is not whole yet is left out.
 */
export async function readPage(
  files: FileStore,
  path: string,
  options: { readonly end?: number; readonly turnCount: number },
): Promise<TranscriptPage> {
  const size = options.end ?? (await files.stat(path))?.size ?? 0;
  for (let length = CHUNK; ; length *= 4) {
    const from = Math.max(0, size - length);
    const bytes = await files.read(path, { start: from, end: size });
    const first = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const isWithoutLine = from > 0 && first === 0;
    const page = decodeLines(isWithoutLine ? new Uint8Array() : bytes.subarray(first), from + first);
    if (from === 0 || (!isWithoutLine && countQuestions(page.records) >= options.turnCount)) return page;
  }
}

/** The records of the whole lines from `start` on; the page's `end` is where the next read goes on. */
export async function readFrom(files: FileStore, path: string, start: number): Promise<TranscriptPage> {
  return decodeLines(await files.read(path, { start, end: Number.MAX_SAFE_INTEGER }), start);
}

/** The header, when it is the first line as it should be; damage to it hides nothing of the rest. */
export async function readHeader(files: FileStore, path: string): Promise<HeaderRecord | undefined> {
  const page = decodeLines(await files.read(path, { start: 0, end: CHUNK }), 0);
  return page.records.map(({ record }) => record).find((record) => record.type === 'header');
}

/** All records of a file, read piece by piece; `visit` is called in file order. Returns how many lines were unreadable. */
export async function scanTranscript(
  files: FileStore,
  path: string,
  visit: (record: PlacedRecord) => void,
): Promise<number> {
  let unreadableCount = 0;
  let length = 1024 * 1024;
  for (let start = 0; ; ) {
    const bytes = await files.read(path, { start, end: start + length });
    const page = decodeLines(bytes, start);
    for (const record of page.records) visit(record);
    unreadableCount += page.unreadableCount;
    if (bytes.length < length) {
      // What is left is a torn last line, if anything.
      return page.end < start + bytes.length ? unreadableCount + 1 : unreadableCount;
    }
    if (page.end === start) length *= 4;
    start = page.end;
  }
}

function decodeLines(bytes: Uint8Array, offset: number): TranscriptPage {
  const decoder = new TextDecoder();
  const records: PlacedRecord[] = [];
  let unreadableCount = 0;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const line = bytes.subarray(start, end);
    const text = line.length > MAX_LINE_BYTES ? undefined : decoder.decode(line);
    const record = text === undefined ? undefined : decodeRecord(text);
    if (record) records.push({ offset: offset + start, record });
    else if (text === undefined || text.trim() !== '') unreadableCount += 1;
    start = end + 1;
  }
  return { records, start: offset, end: offset + start, unreadableCount };
}

function countQuestions(records: readonly PlacedRecord[]): number {
  const ids = new Set<string>();
  for (const { offset, record } of records) {
    if (record.type === 'turn' || record.type === 'ask') ids.add(record.id ?? `at-${offset}`);
  }
  return ids.size;
}
