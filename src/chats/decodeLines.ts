import { decodeRecord, MAX_LINE_BYTES, type PlacedRecord } from './transcriptRecord.ts';

const NEWLINE = 0x0a;
const decoder = new TextDecoder();

export interface DecodedLines {
  readonly records: readonly PlacedRecord[];
  /** Lines with content that are no records of ours. */
  readonly unreadableCount: number;
  /** Just behind the last whole line. */
  readonly end: number;
}

/**
 * The records of the whole lines in `bytes`; what stands behind the last newline is left alone.
 * @param offset where `bytes` start in the file
 */
export function decodeLines(bytes: Uint8Array, offset: number): DecodedLines {
  const records: PlacedRecord[] = [];
  let unreadableCount = 0;
  const length = bytes.lastIndexOf(NEWLINE) + 1;
  // Decoding all at once is quick; a newline byte is never part of another character.
  const texts = bytes.length > MAX_LINE_BYTES ? undefined : decoder.decode(bytes.subarray(0, length)).split('\n');
  let start = 0;
  for (let at = 0; start < length; at += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const text = texts ? texts[at] : decodeOne(bytes.subarray(start, end));
    const record = text === undefined ? undefined : decodeRecord(text);
    if (record) records.push({ offset: offset + start, record });
    else if (text === undefined || text.trim() !== '') unreadableCount += 1;
    start = end + 1;
  }
  return { records, unreadableCount, end: offset + length };
}

function decodeOne(line: Uint8Array): string | undefined {
  return line.length > MAX_LINE_BYTES ? undefined : decoder.decode(line);
}
