/**
 * Escapes of what needs none, which no common writer makes: of ASCII, and of the two characters beyond it that are an
 * ASCII letter in another case. Where one stands, a pattern over the JSON may miss what the text holds.
 */
const NEEDLESS_ESCAPE = /\\u(?:00[2-7]|017f|212a)/i;
const NEWLINE = 0x0a;

/** Finds the lines of JSON that may hold something. One pass over many lines is far faster than one over each. */
export class LinePattern {
  readonly #pattern: RegExp;
  readonly #thorough: RegExp;

  /** @param pattern of source text that is never empty and never spans lines */
  constructor(pattern: RegExp) {
    this.#pattern = new RegExp(pattern.source, 'giu');
    this.#thorough = new RegExp(`${pattern.source}|${NEEDLESS_ESCAPE.source}`, 'giu');
  }

  /**
   * Every line of `bytes` with a match that is wanted, once, without its newline; also those with a needless escape.
   * @param blockOffset where `bytes` start in the file
   * @param isWanted is given the match's first group, undefined where there is none, and the place of its line
   */
  *lines(
    bytes: Uint8Array,
    blockOffset: number,
    isWanted: (group: string | undefined, offset: number) => boolean,
  ): Generator<{ readonly offset: number; readonly bytes: Uint8Array }, void> {
    const text = new TextDecoder().decode(bytes);
    const pattern = NEEDLESS_ESCAPE.test(text) ? this.#thorough : this.#pattern;
    // Bytes and characters are counted apart; their lines go in step.
    let start = 0;
    let end = -1;
    let lineEnd = -1;
    for (let from = 0; ; ) {
      // Several searches of this pattern go on at once.
      pattern.lastIndex = from;
      const match = pattern.exec(text);
      if (!match) return;
      while (lineEnd < match.index) {
        start = end + 1;
        end = bytes.indexOf(NEWLINE, start);
        lineEnd = text.indexOf('\n', lineEnd + 1);
      }
      const offset = blockOffset + start;
      const isHit = isWanted(match[1], offset);
      from = isHit ? lineEnd + 1 : pattern.lastIndex;
      if (isHit) yield { offset, bytes: bytes.subarray(start, end) };
    }
  }
}
