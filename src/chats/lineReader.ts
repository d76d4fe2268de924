import type { ReadableFiles } from '../files/fileStore.ts';
import { concatBytes } from '../util/concatBytes.ts';
import { MAX_LINE_BYTES } from './transcriptRecord.ts';

const PAGE_CHUNK = 64 * 1024;
const LARGEST_CHUNK = 4 * 1024 * 1024;
const FORWARD_CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/** Whole lines of a file, or a line that is too long to be held. */
export interface LineBlock {
  /** Where the block starts in the file, in bytes. */
  readonly offset: number;
  /** Just behind its last newline. */
  readonly end: number;
  /** Lines with their newlines; undefined for a line that is too long. */
  readonly bytes: Uint8Array | undefined;
  /** What stands behind the last newline of the file: a line that is being written, or was torn. */
  readonly isTorn?: boolean;
}

/**
 * The whole lines in front of `end`, from the last block back to the start of the file. Only the part that is asked for
 * is read, each byte once, and no more than a chunk and one line is held.
 * @param firstChunk bytes of the first read; each further one is twice as large, up to a limit
 */
export async function* linesBackward(
  files: ReadableFiles,
  path: string,
  end: number,
  firstChunk = PAGE_CHUNK,
): AsyncGenerator<LineBlock> {
  let line = new LongLine();
  let isTorn = true;
  let chunk = firstChunk;
  for (let low = end; low > 0; chunk = Math.min(chunk * 2, LARGEST_CHUNK)) {
    const high = low;
    low = Math.max(0, high - chunk);
    const bytes = await files.read(path, { start: low, end: high });
    const last = bytes.lastIndexOf(NEWLINE) + 1;
    if (isTorn) {
      isTorn = last === 0;
    } else if (last > 0 || low === 0) {
      line.prepend(bytes.subarray(last));
      yield line.block(low + last);
      line = new LongLine();
    } else {
      line.prepend(bytes);
    }
    const first = low === 0 || last === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    if (last > first) yield { offset: low + first, end: low + last, bytes: bytes.subarray(first, last) };
    line.prepend(bytes.subarray(0, first));
  }
}

/**
 * The lines from `start` on, block by block; at last what stands behind the last newline, if anything.
 * @param end where the file is taken to end, in bytes, whatever was appended since
 */
export async function* linesForward(
  files: ReadableFiles,
  path: string,
  start: number,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<LineBlock> {
  let line = new LongLine();
  for (let low = start; ; ) {
    const bytes = await files.read(path, { start: low, end: Math.min(low + FORWARD_CHUNK, end) });
    const last = bytes.lastIndexOf(NEWLINE) + 1;
    const first = line.length > 0 && last > 0 ? bytes.indexOf(NEWLINE) + 1 : 0;
    if (first > 0) {
      const offset = low - line.length;
      line.append(bytes.subarray(0, first));
      yield line.block(offset);
    }
    if (last > 0) line = new LongLine();
    if (last > first) yield { offset: low + first, end: low + last, bytes: bytes.subarray(first, last) };
    line.append(bytes.subarray(last));
    low += bytes.length;
    if (bytes.length < FORWARD_CHUNK) {
      if (line.length > 0) yield { ...line.block(low - line.length), isTorn: true };
      return;
    }
  }
}

/** The pieces of a line that came in several reads. Of one that grows too long only the length is kept. */
class LongLine {
  #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  prepend(bytes: Uint8Array): void {
    this.#add(bytes, (piece) => this.#pieces.unshift(piece));
  }

  append(bytes: Uint8Array): void {
    this.#add(bytes, (piece) => this.#pieces.push(piece));
  }

  block(offset: number): LineBlock {
    return { offset, end: offset + this.#length, bytes: this.#isTooLong ? undefined : concatBytes(this.#pieces) };
  }

  get #isTooLong(): boolean {
    return this.#length > MAX_LINE_BYTES;
  }

  #add(bytes: Uint8Array, keep: (piece: Uint8Array) => void): void {
    this.#length += bytes.length;
    if (this.#isTooLong) this.#pieces = [];
    else if (bytes.length > 0) keep(bytes);
  }
}
