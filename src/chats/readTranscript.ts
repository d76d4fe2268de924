import * as z from 'zod';
import type { ReadableFiles } from '../files/fileStore.ts';
import { sameBytes } from '../util/sameBytes.ts';
import type { BranchFilter } from './branchFilter.ts';
import { decodeLines } from './decodeLines.ts';
import { linesBackward, linesForward } from './lineReader.ts';
import { exchangeId, type HeaderRecord, MAX_LINE_BYTES, type PlacedRecord } from './transcriptRecord.ts';

/** First read of a file's start; a first line that is longer gets one more try. */
const HEAD_BYTES = 16 * 1024;
const LONG_HEAD_BYTES = 1024 * 1024;
/** A header is much shorter. */
const HEADER_BYTES = 1024;
/** A page of very large turns ends before it has its number of them. */
const PAGE_BYTES = 8 * 1024 * 1024;

export interface TranscriptPage {
  /** In file order. */
  readonly records: readonly PlacedRecord[];
  /** Where the page before this one ends, in bytes; 0 when there is none. */
  readonly start: number;
  /** Just behind the last whole line of this page. */
  readonly end: number;
  /** Lines with content that are no records of ours. */
  readonly unreadableCount: number;
  /** The last bytes of the page, by which it is seen later whether the file still goes on from here. */
  readonly tail: Uint8Array;
}

/** Most last turns are shorter. */
const LAST_TURN_BYTES = 8 * 1024;

/** Enough to tell the ends of two lines apart: ids stand there. */
const TAIL_BYTES = 256;

export interface PageOptions {
  /** Where the page ends; without it the end of the file. A line that is not whole there is left out. */
  readonly end?: number | undefined;
  /** The page is complete with so many questions. */
  readonly turnCount: number;
  /** Leaves out what is of other branches; goes from page to page. Without it the page has every record. */
  readonly branch?: BranchFilter | undefined;
}

/**
 * The records of the lines in front of `end`, from the newest back until at least `turnCount` questions are in the page,
 * it is very large, or the file starts. The cost depends on the size of what is returned, not on that of the file.
 */
export async function readPage(files: ReadableFiles, path: string, options: PageOptions): Promise<TranscriptPage> {
  const { branch } = options;
  const questions = new Set<string>();
  let records: PlacedRecord[] = [];
  let unreadableCount = 0;
  let end: number | undefined;
  let tail = new Uint8Array();
  let start = options.end ?? (await files.stat(path))?.size ?? 0;
  for (let byteCount = 0; start > 0; ) {
    let jump: number | undefined;
    for await (const block of linesBackward(files, path, start)) {
      if (end === undefined) {
        end = block.end;
        tail = tailOf(block.bytes);
      }
      start = block.offset;
      byteCount += block.end - block.offset;
      const lines = block.bytes ? decodeLines(block.bytes, block.offset) : undefined;
      unreadableCount += lines?.unreadableCount ?? 1;
      const found = lines?.records ?? [];
      const taken = branch?.take(found) ?? found;
      records = [...taken, ...records];
      for (const placed of taken) {
        const { type } = placed.record;
        const id = exchangeId(placed);
        if (id !== undefined && (type === 'ask' || type === 'turn')) questions.add(id);
      }
      if (questions.size >= options.turnCount || (questions.size > 0 && byteCount >= PAGE_BYTES)) {
        return { records, start, end, unreadableCount, tail };
      }
      jump = branch?.parentAt;
      if (jump !== undefined) break;
    }
    if (!branch || jump === undefined) break;
    const parentEnd = await endOfParent(files, path, jump, branch);
    if (parentEnd !== undefined && parentEnd < start) start = parentEnd;
  }
  return { records, start: 0, end: end ?? 0, unreadableCount, tail };
}

/** Where the line of the turn that a branch follows ends, when it lies where the branch says. */
async function endOfParent(
  files: ReadableFiles,
  path: string,
  at: number,
  branch: BranchFilter,
): Promise<number | undefined> {
  for await (const { bytes } of linesForward(files, path, at)) {
    const length = (bytes?.indexOf(0x0a) ?? -1) + 1;
    const [placed] = bytes ? decodeLines(bytes.subarray(0, length), at).records : [];
    return branch.foundAt(placed && exchangeId(placed)) ? at + length : undefined;
  }
  branch.foundAt(undefined);
  return undefined;
}

export interface Continuation {
  readonly records: readonly PlacedRecord[];
  /** Where the next read goes on. */
  readonly end: number;
  readonly tail: Uint8Array;
}

/**
 * The whole lines that came behind what was read up to `end`. undefined when the file does not go on from there: it was
 * rewritten by somebody.
 * @param size of the file now, in bytes
 */
export async function readOn(
  files: ReadableFiles,
  path: string,
  { end, tail }: { readonly end: number; readonly tail: Uint8Array },
  size: number,
): Promise<Continuation | undefined> {
  if (size < end || size - end > MAX_LINE_BYTES) return undefined;
  const bytes = await files.read(path, { start: end - tail.length, end: size });
  if (!sameBytes(bytes.subarray(0, tail.length), tail)) return undefined;
  const lines = decodeLines(bytes.subarray(tail.length), end);
  return {
    records: lines.records,
    end: lines.end,
    tail: tailOf(bytes.subarray(0, tail.length + lines.end - end)),
  };
}

function tailOf(bytes: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes?.subarray(-TAIL_BYTES) ?? []);
}

/** The records at the start of a file, with the first question among them unless that is very large. */
export async function readHead(files: ReadableFiles, path: string): Promise<readonly PlacedRecord[]> {
  for (const end of [HEAD_BYTES, LONG_HEAD_BYTES]) {
    const bytes = await files.read(path, { start: 0, end });
    const { records } = decodeLines(bytes, 0);
    if (bytes.length < end || records.some(({ record }) => record.type !== 'header')) return records;
  }
  return [];
}

/** The header, when it is at the start as it should be; damage to it hides nothing of the rest. */
export async function readHeader(files: ReadableFiles, path: string): Promise<HeaderRecord | undefined> {
  return headerOf(decodeLines(await files.read(path, { start: 0, end: HEADER_BYTES }), 0).records);
}

export function headerOf(records: readonly PlacedRecord[]): HeaderRecord | undefined {
  return records.map(({ record }) => record).find((record) => record.type === 'header');
}

/** The highest number among the last turns; 0 when the file has no numbered turn. Reads back until it finds some. */
export async function lastSeq(files: ReadableFiles, path: string): Promise<number> {
  const size = (await files.stat(path))?.size ?? 0;
  for await (const { bytes } of linesBackward(files, path, size, LAST_TURN_BYTES)) {
    const seqs = bytes ? seqsIn(bytes) : [];
    if (seqs.length > 0) return Math.max(...seqs);
  }
  return 0;
}

/** The numbers of turns, also of those that only other readers understand. */
function seqsIn(lines: Uint8Array): number[] {
  return new TextDecoder()
    .decode(lines)
    .split('\n')
    .flatMap((line) => {
      try {
        const { type, seq } = numbered.parse(JSON.parse(line));
        return type === 'turn' ? [seq] : [];
      } catch {
        // No numbered line: it takes no number away.
        return [];
      }
    });
}

const numbered = z.object({ type: z.string(), seq: z.int() });

/** All records of a file, read piece by piece; `visit` is called in file order. Returns how many lines were unreadable. */
export async function scanTranscript(
  files: ReadableFiles,
  path: string,
  visit: (record: PlacedRecord) => void,
): Promise<number> {
  let unreadableCount = 0;
  for await (const { bytes, offset, isTorn } of linesForward(files, path, 0)) {
    const lines = bytes && !isTorn ? decodeLines(bytes, offset) : undefined;
    for (const record of lines?.records ?? []) visit(record);
    unreadableCount += lines?.unreadableCount ?? 1;
  }
  return unreadableCount;
}
