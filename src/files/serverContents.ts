import { ChatError } from '../protocol/chatError.ts';
import { ServerFailure } from '../rocketride/serverFailure.ts';
import type { ServerSession } from '../rocketride/serverSession.ts';
import { sameBytes } from '../util/sameBytes.ts';
import type { Aside, AsideFiles } from './asideFiles.ts';
import type { ByteRange, FileStat, Lease } from './fileStore.ts';
import type { KnownFiles } from './knownFiles.ts';
import { mergedFile } from './mergedFile.ts';
import { openForWriting, readBytes, type ServerStat, statOf, type WriteHandle, writeWhole } from './serverFiles.ts';
import { ServerLease } from './serverLock.ts';
import { hasRecord, isSameSight, type ServerSights, type Sight } from './serverSights.ts';

/** Larger files are read in the parts that are asked for, unless they are known. */
const WHOLE_BYTES = 1024 * 1024;
const MOST_LOOKS = 20;
/** From then on a reader does not wait any longer for a writer to come to an end. */
const PATIENT_LOOKS = 3;
/** What does not end in a newline may be in the middle of being written, by a program that takes no lock of ours. */
const HALF_WRITTEN_MS = 150;
const NEWLINE = 0x0a;

/** A file with what is beside it counted in. */
export interface FileContent extends Sight {
  readonly bytes: Uint8Array;
  /** Whether the file on the server holds exactly these bytes. */
  readonly isSettled: boolean;
  readonly identity: string | undefined;
}

export interface Replacement {
  readonly session: ServerSession;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly asides: readonly Aside[];
  readonly lease: Lease | undefined;
  /** The new bytes go on where the old ones ended. */
  readonly isGrown?: boolean;
}

export interface ServerContentsOptions {
  readonly asides: AsideFiles;
  readonly sights: ServerSights;
  readonly known: KnownFiles;
  /** The path on the server. */
  readonly place: (path: string) => string;
  /** A file was found that its writer did not come to the end of; `lock` is the one it was written under. */
  readonly onUnsettled: (path: string, lock: string) => void;
}

/** Reads and replaces files on a server so that a reader gets the old bytes or the new, whatever is cut off when. */
export class ServerContents {
  readonly #options: ServerContentsOptions;
  readonly #sights: ServerSights;
  readonly #replacing = new Set<Promise<void>>();
  /** Clean-up that goes on after a write was acknowledged, by path. */
  readonly #tidying = new Map<string, Promise<void>>();

  constructor(options: ServerContentsOptions) {
    this.#options = options;
    this.#sights = options.sights;
  }

  /** undefined when there is no such file. @param sight what was seen of it just now, so as not to look again */
  async content(session: ServerSession, path: string, sight?: Sight): Promise<FileContent | undefined> {
    const { known, place, onUnsettled } = this.#options;
    let before = sight ?? (await this.#sights.see(session, path));
    for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
      const same = this.#known(path, before.stat);
      const own = same ?? (before.stat && (await readBytes(session, place(path))));
      if (own && !same && own.at(-1) !== NEWLINE) await new Promise((resolve) => setTimeout(resolve, HALF_WRITTEN_MS));
      const after = same || !before.stat ? before : await this.#sights.see(session, path);
      if (isSameSight(before, after) && isWhole(own, before.stat)) {
        if (own && before.stat) this.#learn(path, own, before.stat.modified);
        const bytes = mergedFile(own, before.asides);
        if (!bytes) return undefined;
        const lock = before.asides.find(({ record }) => record.kind === 'whole')?.record.lock;
        // What this window put there is being cleared away by itself.
        if (lock !== undefined && !this.#tidying.has(path)) onUnsettled(path, lock);
        return { ...before, bytes, isSettled: bytes === own, identity: known.get(path)?.identity };
      }
      // Somebody is writing: what was read may be of two minds. What was kept meanwhile is what they put there.
      const put = after.asides.filter(({ record }) => record.kind === 'whole' && !hasRecord(before, record));
      const bytes = looks >= PATIENT_LOOKS ? mergedFile(undefined, put) : undefined;
      if (bytes) return { ...after, bytes, isSettled: false, identity: undefined };
      before = after;
    }
    throw new ChatError('contended', 'A file on the server changes all the time. Try again in a moment.');
  }

  /** A file, or a part of it, without reading the rest of a large one. undefined when there is no such file. */
  async read(session: ServerSession, path: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const before = await this.#sights.see(session, path);
    const { stat, asides } = before;
    if (range && stat && stat.size > WHOLE_BYTES && asides.length === 0 && !this.#known(path, stat)) {
      const bytes = await readBytes(session, this.#options.place(path), range);
      const length = Math.max(0, Math.min(range.end, stat.size) - range.start);
      if (bytes?.length === length && isSameSight(before, await this.#sights.see(session, path))) return bytes;
    }
    const content = await this.content(session, path, before);
    return content?.bytes.slice(range?.start ?? 0, range?.end ?? content.bytes.length);
  }

  /** As a store tells it. */
  async stat(session: ServerSession, path: string): Promise<FileStat | undefined> {
    const sight = await this.#sights.see(session, path);
    if (sight.stat?.kind === 'directory') return (await this.#sights.isFilled(session, path)) ? sight.stat : undefined;
    if (sight.asides.length === 0 && !this.#options.known.get(path)) return sight.stat;
    const content = await this.content(session, path, sight);
    if (!content) return undefined;
    const { bytes, stat, identity } = content;
    return {
      kind: 'file',
      size: bytes.length,
      modified: stat?.modified ?? 0,
      ...(identity === undefined ? {} : { identity }),
    };
  }

  /**
   * Puts new content into a file: complete in a file of its own first, then in its place. Resolves when it is there; what
   * was beside it is cleared away after that (see `tidied`).
   */
  async replace(replacement: Replacement): Promise<void> {
    const replacing = this.#replace(replacement);
    this.#replacing.add(replacing);
    await replacing.finally(() => this.#replacing.delete(replacing));
  }

  /** Puts what is beside a file into it. Needs the lock that it was written under. */
  async settle(session: ServerSession, path: string, lease: Lease | undefined): Promise<void> {
    const content = await this.content(session, path);
    if (!content) return;
    const { asides, bytes, isSettled } = content;
    if (!isSettled) await this.replace({ session, path, bytes, asides, lease, isGrown: true });
    else await this.#options.asides.remove(session, asides);
  }

  /** Puts what came beside a file while it was moved into the file where it is now. */
  async bring(session: ServerSession, from: string, to: string): Promise<void> {
    const { asides } = await this.#sights.see(session, from);
    const content = await this.content(session, to);
    const bytes = content && mergedFile(content.bytes, asides);
    if (bytes) await this.replace({ session, path: to, bytes, asides, lease: undefined, isGrown: true });
  }

  /** Resolves when nothing is left to clear away. */
  async tidied(): Promise<void> {
    await Promise.all(this.#tidying.values());
  }

  /** Resolves when this window is in the middle of nothing. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#replacing);
    await this.tidied();
  }

  async #replace({ session, path, bytes, asides, lease, isGrown = false }: Replacement): Promise<void> {
    await this.#tidying.get(path);
    this.#sights.forget(path);
    const { known, place } = this.#options;
    const kept = await this.#options.asides.keep(session, {
      for: path,
      kind: 'whole',
      order: 1 + Math.max(0, ...asides.map(({ record }) => record.order)),
      at: Date.now(),
      bytes,
      replaces: asides.flatMap(({ record }) => (record.kind === 'lines' ? [record.id] : [])),
      ...(lease instanceof ServerLease ? { lock: lease.path } : {}),
    });
    let handle: WriteHandle;
    try {
      lease?.assertHeld();
      handle = await openForWriting(session, place(path));
    } catch (error) {
      // A program that has the file open is changing it by what it has read: then this must be thought over. But where
      // the server did not answer it may have emptied the file.
      if (error instanceof ServerFailure) await this.#options.asides.remove(session, [kept]);
      throw error;
    }
    await writeWhole(handle, bytes);
    known.set(path, bytes, undefined, isGrown);
    const tidying = this.#tidy(session, path, bytes, asides, kept);
    this.#tidying.set(path, tidying);
    void tidying.then(() => {
      if (this.#tidying.get(path) === tidying) this.#tidying.delete(path);
    });
  }

  async #tidy(
    session: ServerSession,
    path: string,
    bytes: Uint8Array,
    asides: readonly Aside[],
    kept: Aside,
  ): Promise<void> {
    const { known, place } = this.#options;
    const clear = async () => {
      // What is kept says that the others are of the past, and so is the last to go.
      await this.#options.asides.remove(session, asides);
      await this.#options.asides.remove(session, [kept]);
    };
    const [stat] = await Promise.all([statOf(session, place(path)).catch(() => undefined), clear()]);
    if (known.get(path)?.bytes !== bytes) return;
    if (stat?.size === bytes.length) known.set(path, bytes, stat.modified, true);
    else known.delete(path);
  }

  /** The bytes of a file that is still as it was known. */
  #known(path: string, stat: ServerStat | undefined): Uint8Array | undefined {
    const known = this.#options.known.get(path);
    if (!known?.isSure || stat?.size !== known.bytes.length) return undefined;
    return (known.modified ?? stat.modified) === stat.modified ? known.bytes : undefined;
  }

  #learn(path: string, own: Uint8Array, modified: number): void {
    const before = this.#options.known.get(path);
    const isSame = before !== undefined && sameBytes(own.subarray(0, before.bytes.length), before.bytes);
    this.#options.known.set(path, own, modified, isSame);
  }
}

/** What is shorter than the server says is not all of the file. */
function isWhole(own: Uint8Array | undefined, stat: ServerStat | undefined): boolean {
  return stat?.kind !== 'file' || own?.length === stat.size;
}
