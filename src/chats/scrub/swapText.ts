import { concatBytes } from '../../util/concatBytes.ts';
import { decodeString, jsonStrings } from '../jsonStrings.ts';
import { isChatId } from '../paths.ts';
import { TextMatcher } from './textMatcher.ts';

export interface Swapped {
  /** The bytes that were given, where nothing was replaced. */
  readonly bytes: Uint8Array;
  readonly placeCount: number;
  /** Places that were left alone: keys, numbers, ids, and words that the format is made of. */
  readonly keptCount: number;
}

/** Puts one text in the place of another. */
export class TextSwap {
  readonly #matcher: TextMatcher;
  readonly #put: string;
  /** As it may stand in a string of JSON. */
  readonly #putEscaped: Uint8Array;

  constructor(find: string, put: string) {
    this.#matcher = new TextMatcher(find);
    this.#put = put;
    this.#putEscaped = encoder.encode(JSON.stringify(put).slice(1, -1));
  }

  /** False when the text is in no part of the bytes, however it is spelled. */
  mayBeIn(bytes: Uint8Array): boolean {
    return this.#matcher.isIn(bytes);
  }

  /**
   * Replaces the text in the values of a JSON text; in what is no JSON, wherever it stands. Bytes that are of other
   * values stay as they are.
   * @param isRecord leaves alone what a record of ours needs to be one
   */
  inJson(json: Uint8Array, isRecord: boolean): Swapped {
    if (!this.mayBeIn(json)) return { bytes: json, placeCount: 0, keptCount: 0 };
    if (!isJson(json)) return this.#inBytes(json, this.#putEscaped);
    const pieces: Uint8Array[] = [];
    let copied = 0;
    let placeCount = 0;
    let keptCount = 0;
    let searched = 0;
    for (const { start, end, path, isKey } of jsonStrings(json)) {
      const quoted = json.subarray(start, end);
      keptCount += this.#matcher.matches(json.subarray(searched, start)).length;
      searched = end;
      if (!this.mayBeIn(quoted)) continue;
      const value = decodeString(quoted);
      const swapped = this.#inBytes(encoder.encode(value), encoder.encode(this.#put));
      if (swapped.placeCount === 0) continue;
      if (isKey || (isRecord && isProtected(path, value))) {
        keptCount += swapped.placeCount;
        continue;
      }
      placeCount += swapped.placeCount;
      pieces.push(json.subarray(copied, start), encoder.encode(JSON.stringify(decoder.decode(swapped.bytes))));
      copied = end;
    }
    keptCount += this.#matcher.matches(json.subarray(searched)).length;
    if (placeCount === 0) return { bytes: json, placeCount, keptCount };
    return { bytes: concatBytes([...pieces, json.subarray(copied)]), placeCount, keptCount };
  }

  #inBytes(bytes: Uint8Array, put: Uint8Array): Swapped {
    const pieces: Uint8Array[] = [];
    let copied = 0;
    for (const { start, end } of this.#matcher.matches(bytes)) {
      pieces.push(bytes.subarray(copied, start), put);
      copied = end;
    }
    const placeCount = pieces.length / 2;
    return {
      bytes: placeCount === 0 ? bytes : concatBytes([...pieces, bytes.subarray(copied)]),
      placeCount,
      keptCount: 0,
    };
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Values by which a record, an entry of the catalog or a part of an answer is read; ids are known by their shape. */
const PROTECTED = new Set([
  'type',
  'created',
  'id',
  'guid',
  'parent',
  'retry_of',
  'pipeline_id',
  'deleted_at',
  'writer.id',
  'question.type',
  'question.chat_id',
  'question.history.role',
  'error.code',
  'origin.guid',
  'chats.guid',
  'chats.created',
  'chats.updated',
  'chats.pipeline_id',
]);
const RESULT_TYPES = /^(answer\.)?result_types\./;

function isProtected(path: string, value: string): boolean {
  return PROTECTED.has(path) || RESULT_TYPES.test(path) || isChatId(value);
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    // Anything else is searched as it is.
    return false;
  }
}
