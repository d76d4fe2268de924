import { exchangeId, type PlacedRecord } from './transcriptRecord.ts';

/**
 * Follows one branch of a transcript from its newest exchange back: an exchange that names a parent follows that one,
 * any other the one before it in the file. What lies between belongs to other branches.
 */
export class BranchFilter {
  readonly #taken = new Set<string>();
  #parent: string | undefined;
  #parentAt: number | undefined;

  /** Where the next exchange of the branch is said to lie, in bytes; undefined when it is the one before. */
  get parentAt(): number | undefined {
    return this.#parentAt;
  }

  /** Those of the records, given in file order, that belong to the branch; the records behind them come first. */
  take(records: readonly PlacedRecord[]): PlacedRecord[] {
    const taken: PlacedRecord[] = [];
    for (let at = records.length - 1; at >= 0; at -= 1) {
      const placed = records[at];
      if (placed && this.#take(placed)) taken.push(placed);
    }
    return taken.reverse();
  }

  /** Whether the record found where the parent was said to lie is the parent; the hint is used up either way. */
  foundAt(id: string | undefined): boolean {
    this.#parentAt = undefined;
    return id !== undefined && id === this.#parent;
  }

  #take(placed: PlacedRecord): boolean {
    const { record } = placed;
    const id = exchangeId(placed);
    if (id === undefined) return true;
    if (!this.#taken.has(id)) {
      if (this.#parent !== undefined && this.#parent !== id) return false;
      this.#taken.add(id);
      this.#parent = undefined;
      this.#parentAt = undefined;
    }
    if ((record.type === 'ask' || record.type === 'turn') && record.parent !== undefined) {
      this.#follow(record.parent, record.parent_at);
    }
    return true;
  }

  #follow(parent: string, at: number | undefined): void {
    if (this.#taken.has(parent)) return;
    this.#parent = parent;
    this.#parentAt = at;
  }
}
