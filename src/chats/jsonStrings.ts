/** A string in a JSON text. */
export interface JsonString {
  /** Where its quotes stand: from the first one, in bytes, to just behind the last one. */
  readonly start: number;
  readonly end: number;
  /** The keys that lead to it, joined by dots; a list adds none. */
  readonly path: string;
  readonly isKey: boolean;
}

interface Container {
  readonly path: string;
  readonly isObject: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const LIST = 0x5b;
const LIST_END = 0x5d;

const decoder = new TextDecoder();

/**
 * The strings of a text that is known to be JSON, in their order. By their places one of them can be replaced while
 * every other byte stays: numbers that JavaScript can't hold, doubled keys, spaces.
 */
export function* jsonStrings(json: Uint8Array): Generator<JsonString> {
  const containers: Container[] = [];
  let path = '';
  let isKey = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (isKey) {
        const parent = containers.at(-1)?.path ?? '';
        const key = decodeString(json.subarray(at, end));
        path = parent === '' ? key : `${parent}.${key}`;
      }
      yield { start: at, end, path, isKey };
      isKey = false;
      at = end - 1;
    } else if (byte === OBJECT || byte === LIST) {
      isKey = byte === OBJECT;
      containers.push({ path, isObject: isKey });
    } else if (byte === OBJECT_END || byte === LIST_END) {
      containers.pop();
      isKey = false;
    } else if (byte === COMMA) {
      const container = containers.at(-1);
      isKey = container?.isObject ?? false;
      path = container?.path ?? '';
    }
  }
}

/** What a JSON string says. */
export function decodeString(quoted: Uint8Array): string {
  return String(JSON.parse(decoder.decode(quoted)));
}

function endOfString(json: Uint8Array, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end > 0; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}
