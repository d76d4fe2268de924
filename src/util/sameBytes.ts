/** Whether two byte sequences are the same; compares four bytes at a time where they lie well in memory. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const canUseWords = a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0;
  const wordCount = canUseWords ? a.length >> 2 : 0;
  if (wordCount > 0) {
    const wordsA = new Uint32Array(a.buffer, a.byteOffset, wordCount);
    const wordsB = new Uint32Array(b.buffer, b.byteOffset, wordCount);
    for (let at = 0; at < wordCount; at += 1) if (wordsA[at] !== wordsB[at]) return false;
  }
  for (let at = wordCount * 4; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
