import { concatBytes } from '../../util/concatBytes.ts';
import { jsonStrings } from '../jsonStrings.ts';
import { decodeRecord } from '../transcriptRecord.ts';
import { TextMatcher } from './textMatcher.ts';

const PLACE = /^at-(\d+)$/;
const NAME = new TextMatcher('"at-');
const encoder = new TextEncoder();

/** Where the lines of a transcript have gone in a rewrite: turns without an id are known by their place. */
export class MovedLines {
  /** From where on lines are off by how many bytes. */
  readonly #moves: { readonly offset: number; readonly by: number }[] = [];

  /** @param by how much longer the line at `offset` has become */
  add(offset: number, by: number): void {
    if (by !== 0) this.#moves.push({ offset: offset + 1, by: (this.#moves.at(-1)?.by ?? 0) + by });
  }

  /** Whether a line may name a turn that is not where it was. */
  isNamedIn(block: Uint8Array): boolean {
    return this.#moves.length > 0 && NAME.isIn(block);
  }

  /** The line with the new place of the turn that it follows. */
  renamed(line: Uint8Array): Uint8Array {
    if (!this.isNamedIn(line)) return line;
    const record = decodeRecord(new TextDecoder().decode(line));
    const parent = record?.type === 'ask' || record?.type === 'turn' ? record.parent : undefined;
    const [, place] = PLACE.exec(parent ?? '') ?? [];
    if (place === undefined) return line;
    const name = encoder.encode(JSON.stringify(`at-${this.#placeOf(Number(place))}`));
    for (const { start, end, path, isKey } of jsonStrings(line)) {
      if (!isKey && path === 'parent') return concatBytes([line.subarray(0, start), name, line.subarray(end)]);
    }
    return line;
  }

  #placeOf(offset: number): number {
    return offset + (this.#moves.findLast((move) => move.offset <= offset)?.by ?? 0);
  }
}
