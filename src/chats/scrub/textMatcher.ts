/** Where a match starts and just behind where it ends, in bytes. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds a text in bytes however it is spelled there: as it is, or with any of its characters escaped as JSON does it
 * (`\n`, `\"`, `\u00e9`), also where JSON lies in a string of other JSON. Upper and lower case differ.
 */
export class TextMatcher {
  readonly #pattern: RegExp;

  constructor(text: string) {
    const units = text.match(/\\+|[^\\]/gu) ?? [];
    this.#pattern = new RegExp(units.map(patternOf).join(''), 'g');
  }

  isIn(bytes: Uint8Array): boolean {
    return latin1.decode(bytes).search(this.#pattern) >= 0;
  }

  matches(bytes: Uint8Array): Match[] {
    const found = latin1.decode(bytes).matchAll(this.#pattern);
    return [...found].map(({ index, 0: { length } }) => ({ start: index, end: index + length }));
  }
}

/** Gives one character for each byte, so that places are places of bytes, and bytes that are no text can be searched. */
const latin1 = new TextDecoder('latin1', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Text in JSON in JSON has 1, 3, 7, 15 and more backslashes in front of a quote. */
const MOST_BACKSLASHES = 64;
const BACKSLASHES = `\\\\{1,${MOST_BACKSLASHES}}`;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
};

/** @param unit one character, or all the backslashes that follow each other */
function patternOf(unit: string): string {
  const raw = unit.startsWith('\\')
    ? `\\\\{${unit.length},${unit.length + MOST_BACKSLASHES}}`
    : [...latin1.decode(encoder.encode(unit))].map((byte) => `\\u${hex(byte)}`).join('');
  const escapes = [SHORT_ESCAPES[unit], unicodeEscape(unit)].filter((word) => word !== undefined);
  return `(?:${[...escapes.map((word) => BACKSLASHES + word), raw].join('|')})`;
}

/** With digits in either case; two for a character beyond the first 65,536. */
function unicodeEscape(unit: string): string {
  const digits = unit
    .split('')
    .map((half) => hex(half).replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`));
  return digits.map((four) => `u${four}`).join(BACKSLASHES);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
