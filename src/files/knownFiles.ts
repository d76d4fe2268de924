const MOST_BYTES = 64 * 1024 * 1024;

/** A file's own bytes on the server as they were last read or written here. */
export interface KnownFile {
  readonly bytes: Uint8Array;
  /** Epoch milliseconds by the server's clock; undefined right after it was written here. */
  readonly modified: number | undefined;
  /** Stays the same while the file only grows. */
  readonly identity: string;
  /** Whether a file of the same size and time is the same: where times are in whole seconds one that is new may not be. */
  readonly isSure: boolean;
  /** When it was known first with this time, by the clock of `performance.now()`. */
  readonly since: number;
}

/** Longer than the steps in which a server counts time. */
const STEP_MS = 2000;

/** What is known of files, so that it is not read again; the least used go first when it is more than 64 MiB. */
export class KnownFiles {
  readonly #files = new Map<string, KnownFile>();
  #byteCount = 0;
  #lastIdentity = 0;

  get(path: string): KnownFile | undefined {
    const known = this.#files.get(path);
    if (known) {
      this.#files.delete(path);
      this.#files.set(path, known);
    }
    return known;
  }

  /** @param isSame the file that is known goes on, and keeps its identity */
  set(path: string, bytes: Uint8Array, modified: number | undefined, isSame: boolean): KnownFile {
    const before = this.#files.get(path);
    this.delete(path);
    if (!isSame || !before) this.#lastIdentity += 1;
    const identity = isSame && before ? before.identity : String(this.#lastIdentity);
    const since = before && before.modified === modified ? before.since : performance.now();
    const isSure = modified === undefined || modified % 1000 !== 0 || performance.now() - since > STEP_MS;
    const known = { bytes, modified, identity, isSure, since };
    this.#files.set(path, known);
    this.#byteCount += bytes.length;
    for (const oldest of this.#files.keys()) {
      if (this.#byteCount <= MOST_BYTES || oldest === path) break;
      this.delete(oldest);
    }
    return known;
  }

  delete(path: string): void {
    this.#byteCount -= this.#files.get(path)?.bytes.length ?? 0;
    this.#files.delete(path);
  }

  /** Forgets a path and all below it. */
  deleteBelow(path: string): void {
    for (const known of [...this.#files.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.delete(known);
    }
  }
}
