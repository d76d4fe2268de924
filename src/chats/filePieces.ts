import type { ByteRange, FileStore } from '../files/fileStore.ts';

const PIECE_BYTES = 1024 * 1024;

/** The bytes of a file, piece by piece, none of them held longer than it takes to use it. */
export async function* filePieces(
  files: FileStore,
  path: string,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const bytes = await files.read(path, { start: at, end: Math.min(at + PIECE_BYTES, end) });
    if (bytes.length === 0) return;
    yield bytes;
    at += bytes.length;
  }
}
