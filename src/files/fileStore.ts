import type { Disposable } from '../util/disposable.ts';

export interface FileStat {
  readonly kind: 'file' | 'directory';
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Last change, in epoch milliseconds. */
  readonly modified: number;
  /** Changes when another file takes this one's place by a rename; absent where the store can't tell. */
  readonly identity?: string;
}

/** Bytes `start` (inclusive) to `end` (exclusive); clipped to the file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The right to change what lies under a path, given by `exclusive` for the time of its work. */
export interface Lease {
  /**
   * @throws ChatError `contended` once the right is gone: its folder was removed, say, and another may have it;
   * `server-offline` when the connection ended that held it.
   */
  assertHeld(): void;
}

export interface ExclusiveOptions {
  /** How long to wait for another holder, in milliseconds; 0 tries once. Default 30,000. */
  readonly waitMs?: number;
  /** Called once if another window or machine holds the path for longer than a moment. */
  readonly onWait?: () => void;
  /** Nobody will ask for the path again: what stands for the right on the disk goes with it. */
  readonly isLast?: boolean;
}

/** A file at the moment when lines are put at its end: nobody of ours puts any there meanwhile. */
export interface FileAtEnd extends ReadableFiles {
  /** How many bytes the file has once these lines are at its end. */
  sizeWith(lines: Uint8Array): number;
}

/** Makes lines by what stands before them. */
export type LinesFor = (file: FileAtEnd) => Promise<Uint8Array>;

export type ReadableFiles = Pick<FileStore, 'stat' | 'read'>;

/**
 * Where bytes live. Paths are relative to the store's root, with `/`; `''` is the root itself, `..` is refused.
 * Every method rejects with ChatError `storage` when the disk or the server refuses, saying why, and so it does for what
 * is or lies behind a symbolic link at or below the root: nothing leads out of the store. `list` calls a link a file.
 */
export interface FileStore {
  /** For people: where the root is. */
  readonly location: string;
  /** `stat` may not see a lock that somebody holds: only trying to take it tells. */
  readonly areLocksHidden?: boolean;
  /** undefined when there is nothing at the path. */
  stat(path: string): Promise<FileStat | undefined>;
  /** @throws ChatError `not-found` when there is no such file. */
  read(path: string, range?: ByteRange): Promise<Uint8Array>;
  /**
   * Replaces the file whole. Afterwards, a crash included, a read gives the old bytes or the new, never a mixture.
   * Makes the folders above. With a lease that is lost, nothing is written. Of data that comes in pieces only one is
   * held at a time; when they can't be had to the end, nothing is written either.
   */
  write(path: string, data: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease): Promise<void>;
  /**
   * Puts whole lines (ending in `\n`) at the end of a file, by one write, and syncs them. A torn tail is closed with
   * `\n` first, also when there are no lines to put. Appends of one path happen in call order. Resolves with the size of
   * the file afterwards, in bytes.
   * @throws ChatError `not-found` when there is no such file.
   */
  append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number>;
  /**
   * Keeps lines for the end of a file without any lock, where every reader of this store finds them there; the next
   * append puts them into it. For lines that are told apart by an id in them. Absent where an append costs no more.
   * @throws ChatError `not-found` when there is no such file.
   */
  jot?(path: string, lines: Uint8Array): Promise<void>;
  /**
   * Makes a file that was not there and syncs it; makes the folders above. False when there is something already.
   * @param lease the right under which the file is going to be changed
   */
  create(path: string, data: Uint8Array, lease?: Lease): Promise<boolean>;
  /** The entries of a folder, in no order; empty when there is no such folder. */
  list(path: string): Promise<{ readonly name: string; readonly kind: FileStat['kind'] }[]>;
  /** Removes a file, or a folder with all in it. What is not there counts as removed. */
  remove(path: string): Promise<void>;
  /**
   * Renames a file or folder to a path that is free. Best effort: rejects when the store can't.
   * @param lease the right under which what is moved is changed
   */
  move(from: string, to: string, lease?: Lease): Promise<void>;
  /**
   * Runs `work` while nobody else, in another window or on another machine, runs work for this path. The right ends
   * with the work, or with the process. @throws ChatError `contended` when the wait was in vain.
   */
  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options?: ExclusiveOptions): Promise<T>;
  /** Tells of changes of the entries directly in a folder, by anybody; also once a missing one is there, as a real folder. */
  watch(folder: string, onChange: () => void): Disposable;
}
