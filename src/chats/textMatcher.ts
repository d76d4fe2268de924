/** One character of the text, or backslashes that follow each other, as bytes may spell it. */
interface Unit {
  readonly raw: Uint8Array;
  /** Escapes that mean the same; the words of each stand behind a backslash. Hexadecimal digits are in lower case. */
  readonly escapes: readonly (readonly Uint8Array[])[];
  /** How many backslashes it is at least; 0 for a character. */
  readonly backslashes: number;
}

/** Where a match starts and just behind where it ends, in bytes. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

const BACKSLASH = 0x5c;
/** Text in JSON in JSON … has 1, 3, 7, 15 … backslashes in front of a quote. */
const MOST_BACKSLASHES = 64;
const UNICODE_ESCAPE_LENGTH = 5;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
};

/**
 * Finds a text in bytes however it is spelled there: as it is, or with any of its characters escaped as JSON does it
 * (`\n`, `\"`, `\u00e9`), also where JSON lies in a string of other JSON. Upper and lower case differ.
 */
export class TextMatcher {
  readonly #units: readonly Unit[];
  readonly #canStart = new Uint8Array(256);

  constructor(text: string) {
    this.#units = (text.match(/\\+|[^\\]/gu) ?? []).map(makeUnit);
    const first = this.#units[0]?.raw[0];
    if (first !== undefined) this.#canStart[first] = 1;
    this.#canStart[BACKSLASH] = 1;
  }

  isIn(bytes: Uint8Array): boolean {
    return !this.matches(bytes).next().done;
  }

  *matches(bytes: Uint8Array): Generator<Match, undefined> {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#canStart[bytes[at] ?? 0] === 0) continue;
      const end = this.#endOfMatch(bytes, at);
      if (end < 0) continue;
      yield { start: at, end };
      at = end - 1;
    }
  }

  #endOfMatch(bytes: Uint8Array, start: number): number {
    let at = start;
    let isBehindBackslash = false;
    for (const unit of this.#units) {
      at = endOfUnit(unit, bytes, at, isBehindBackslash);
      if (at < 0) return -1;
      isBehindBackslash = unit.backslashes > 0;
    }
    return at;
  }
}

function makeUnit(text: string): Unit {
  const encoder = new TextEncoder();
  const isBackslash = text.startsWith('\\');
  const short = SHORT_ESCAPES[text];
  const hex = text.slice(0, isBackslash ? 1 : 2).split('');
  const escapes = [
    ...(short === undefined ? [] : [[short]]),
    ...(text.length > 1 && isBackslash
      ? []
      : [hex.map((unit) => `u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)]),
  ];
  return {
    raw: encoder.encode(text),
    escapes: escapes.map((words) => words.map((word) => encoder.encode(word))),
    backslashes: isBackslash ? text.length : 0,
  };
}

/** Where the unit that starts at `start` ends; -1 when it is not there. */
function endOfUnit(unit: Unit, bytes: Uint8Array, start: number, isBehindBackslash: boolean): number {
  for (const words of unit.escapes) {
    const end = endOfEscape(words, bytes, start, isBehindBackslash);
    if (end >= 0) return end;
  }
  if (unit.backslashes > 0) {
    const end = behindBackslashes(bytes, start);
    return end - start >= unit.backslashes ? end : -1;
  }
  return isAt(unit.raw, bytes, start) ? start + unit.raw.length : -1;
}

function endOfEscape(
  words: readonly Uint8Array[],
  bytes: Uint8Array,
  start: number,
  isBehindBackslash: boolean,
): number {
  let at = start;
  let hasBackslash = isBehindBackslash;
  for (const word of words) {
    const behind = behindBackslashes(bytes, at);
    if ((behind === at && !hasBackslash) || !isAt(word, bytes, behind)) return -1;
    at = behind + word.length;
    hasBackslash = false;
  }
  return at;
}

function behindBackslashes(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === BACKSLASH && at - start < MOST_BACKSLASHES) at += 1;
  return at;
}

/** Hexadecimal digits are the same in upper case. */
function isAt(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  const isHex = word.length === UNICODE_ESCAPE_LENGTH && word[0] === 0x75;
  for (let at = 0; at < word.length; at += 1) {
    const byte = bytes[start + at] ?? 0;
    if (byte === word[at]) continue;
    if (!isHex || byte < 0x41 || byte > 0x46 || byte + 0x20 !== word[at]) return false;
  }
  return true;
}
