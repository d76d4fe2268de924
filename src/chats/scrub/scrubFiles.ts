import type { FileStore, Lease } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { concatBytes } from '../../util/concatBytes.ts';
import { Pace } from '../../util/pace.ts';
import { linesForward } from '../lineReader.ts';
import { TRANSCRIPT } from '../paths.ts';
import { MovedLines } from './movedLines.ts';
import { type Swapped, TextSwap } from './swapText.ts';

export type PlaceCounts = Omit<Swapped, 'bytes'>;

/** How often the text stands in each file; files without it are left out. */
export type FilePlaces = ReadonlyMap<string, PlaceCounts>;

export async function findInFiles(files: FileStore, paths: readonly string[], swap: TextSwap): Promise<FilePlaces> {
  const places = new Map<string, PlaceCounts>();
  for (const path of paths) {
    const counts = await countPlaces(files, path, swap);
    if (counts.placeCount > 0 || counts.keptCount > 0) places.set(path, counts);
  }
  return places;
}

/**
 * Replaces the text in files, each of them whole or not at all; a transcript is never held whole. The name of a blob has
 * to tell what is in it, or the same text would later be taken to be there already: the new content gets the name that
 * is due to it, what refers to the old name is changed too, and the old file goes last, so that after a crash the next
 * scrub finds it.
 * @param paths all that may refer to a blob
 * @param places what was found in them, with nobody writing in between
 */
export async function scrubFiles(
  files: FileStore,
  paths: readonly string[],
  swap: TextSwap,
  places: FilePlaces,
  lease: Lease,
): Promise<void> {
  const swaps = [swap];
  const changed = new Set([...places].flatMap(([path, { placeCount }]) => (placeCount > 0 ? [path] : [])));
  const blobs = [...changed].filter((path) => BLOB.test(path));
  for (const path of blobs) {
    changed.delete(path);
    const [, folder = '', hash = ''] = BLOB.exec(path) ?? [];
    const { bytes } = swap.inJson(await files.read(path), false);
    const newHash = await sha256(bytes);
    await files.write(`${folder}${newHash}`, bytes, lease);
    const reference = new TextSwap(hash, newHash);
    const others = paths.filter((other) => !BLOB.test(other));
    for (const other of (await findInFiles(files, others, reference)).keys()) changed.add(other);
    swaps.push(reference);
  }
  for (const path of changed) await files.write(path, bytesOf(swappedPieces(files, path, swaps)), lease);
  for (const path of blobs) await files.remove(path);
}

async function countPlaces(files: FileStore, path: string, swap: TextSwap): Promise<PlaceCounts> {
  let placeCount = 0;
  let keptCount = 0;
  try {
    for await (const piece of swappedPieces(files, path, [swap])) {
      placeCount += piece.placeCount;
      keptCount += piece.keptCount;
    }
  } catch (error) {
    // What was removed meanwhile, the part of an answer say, holds nothing.
    if (ChatError.from(error).code !== 'not-found') throw error;
  }
  return { placeCount, keptCount };
}

/** A large value, named by the SHA-256 of its bytes. */
const BLOB = /^(.*\/blobs\/)([0-9a-f]{64})$/;
/** Files of ours; of any other JSON everything but keys is replaced. */
const RECORDS = /(^|\/)(chat\.jsonl|meta\.jsonl|partial-[^/]+\.json|catalog\.json[^/]*)$/;
/** What is not read by lines has to fit into memory, and into one string. */
const MOST_BYTES = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

async function* swappedPieces(
  files: FileStore,
  path: string,
  swaps: readonly TextSwap[],
): AsyncGenerator<Swapped, undefined> {
  const isRecord = RECORDS.test(path);
  if (!path.endsWith('.jsonl')) {
    const size = (await files.stat(path))?.size ?? 0;
    yield swapAll(await readPart(files, path, 0, size), swaps, isRecord);
    return;
  }
  const moved = path.endsWith(`/${TRANSCRIPT}`) ? new MovedLines() : undefined;
  const pace = new Pace();
  for await (const block of linesForward(files, path, 0)) {
    await pace.rest();
    const { offset, end } = block;
    yield swapLines(block.bytes ?? (await readPart(files, path, offset, end)), offset, swaps, isRecord, moved);
  }
}

async function* bytesOf(pieces: AsyncGenerator<Swapped, undefined>): AsyncGenerator<Uint8Array, undefined> {
  for await (const { bytes } of pieces) yield bytes;
}

function swapLines(
  block: Uint8Array,
  offset: number,
  swaps: readonly TextSwap[],
  isRecord: boolean,
  moved: MovedLines | undefined,
): Swapped {
  if (!moved?.isNamedIn(block) && !swaps.some((swap) => swap.mayBeIn(block))) return untouched(block);
  const pieces: Uint8Array[] = [];
  let placeCount = 0;
  let keptCount = 0;
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(NEWLINE, start) + 1 || block.length;
    const line = block.subarray(start, end);
    const swapped = swapAll(line, swaps, isRecord);
    const bytes = moved?.renamed(swapped.bytes) ?? swapped.bytes;
    moved?.add(offset + start, bytes.length - line.length);
    pieces.push(bytes);
    placeCount += swapped.placeCount;
    keptCount += swapped.keptCount;
    start = end;
  }
  return { bytes: concatBytes(pieces), placeCount, keptCount };
}

/** The places are those of the first text: names of blobs are replaced without a word. */
function swapAll(json: Uint8Array, [swap, ...references]: readonly TextSwap[], isRecord: boolean): Swapped {
  const swapped = swap?.inJson(json, isRecord) ?? untouched(json);
  const bytes = references.reduce((bytes, reference) => reference.inJson(bytes, isRecord).bytes, swapped.bytes);
  return { ...swapped, bytes };
}

function untouched(bytes: Uint8Array): Swapped {
  return { bytes, placeCount: 0, keptCount: 0 };
}

async function readPart(files: FileStore, path: string, start: number, end: number): Promise<Uint8Array> {
  if (end - start > MOST_BYTES) throw new ChatError('storage', `${path} holds too much at once to be searched.`);
  return files.read(path, { start, end });
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
