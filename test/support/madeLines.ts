import type { LinesFor, ReadableFiles } from '../../src/files/fileStore.ts';

/** What an append is given, made for the file as it is now. */
export async function madeLines(files: ReadableFiles, path: string, lines: Uint8Array | LinesFor): Promise<Uint8Array> {
  if (lines instanceof Uint8Array) return lines;
  const before = await files.read(path);
  return lines({
    stat: (path) => files.stat(path),
    read: (path, range) => files.read(path, range),
    sizeWith: ({ length }) => before.length + (isTorn(before) ? 1 : 0) + length,
  });
}

export function isTorn(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.at(-1) !== 0x0a;
}
