/** The pieces one behind the other; a piece that is alone is given back as it is. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only, second] = pieces;
  if (only && !second) return only;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
