import { ChatError } from '../protocol/chatError.ts';
import type { ServerSession } from '../rocketride/serverSession.ts';
import type { Aside, AsideFiles } from './asideFiles.ts';
import type { AsideRecord } from './asideRecord.ts';
import type { Lease } from './fileStore.ts';
import { entriesOf, type ServerStat, statOf } from './serverFiles.ts';
import { ServerLease } from './serverLock.ts';
import type { ServerTraits } from './serverTraits.ts';

const MOST_SIGHTS = 1000;

/** What a path is on the server right now. */
export interface Sight {
  readonly stat: ServerStat | undefined;
  /** What is kept beside it. */
  readonly asides: readonly Aside[];
}

interface Seen extends Sight {
  /** When it was looked at, by the clock of `performance.now()`. */
  readonly at: number;
  /** When other lines than these were seen beside the file the last time. */
  readonly othersAt: number | undefined;
}

export interface ServerSightsOptions {
  readonly asides: AsideFiles;
  readonly traits: ServerTraits;
  /** The path on the server. */
  readonly place: (path: string) => string;
}

/** Looks at files on a server, and remembers what was seen for as long as nobody else may change them. */
export class ServerSights {
  readonly #options: ServerSightsOptions;
  readonly #sights = new Map<string, Seen>();

  constructor(options: ServerSightsOptions) {
    this.#options = options;
  }

  async see(session: ServerSession, path: string): Promise<Sight> {
    const { asides, place, traits } = this.#options;
    const at = performance.now();
    const [stat, all] = await Promise.all([statOf(session, place(path)), asides.list(session)]);
    const isThere = stat && !(stat.kind === 'file' && traits.isDiscarded(stat.size));
    const sight = { stat: isThere ? stat : undefined, asides: all.filter(({ record }) => record.for === path) };
    const before = this.#sights.get(path);
    const othersAt = before && (hasSameLines(before, sight) ? before.othersAt : before.at);
    this.#sights.delete(path);
    this.#sights.set(path, { ...sight, at, othersAt });
    for (const oldest of this.#sights.keys()) {
      if (this.#sights.size <= MOST_SIGHTS) break;
      this.#sights.delete(oldest);
    }
    return sight;
  }

  /**
   * What was seen since the right was given, under which nobody else of ours changes the file.
   * @throws ChatError `contended` when lines were jotted down since: nobody knows whether what is to be written has them.
   */
  async seeOnce(session: ServerSession, path: string, lease: Lease | undefined): Promise<Sight> {
    const seen = this.#sights.get(path);
    if (!seen || !(lease instanceof ServerLease) || lease.session !== session || seen.at < lease.since) {
      return this.see(session, path);
    }
    if (seen.othersAt === undefined || seen.othersAt < lease.since) return seen;
    throw new ChatError('contended', 'Something was said in the chat while it was being changed. Try again.');
  }

  /** A folder counts as there while it holds something: the server leaves those behind that it empties. */
  async isFilled(session: ServerSession, path: string): Promise<boolean> {
    if (path === '') return true;
    const { place, traits } = this.#options;
    const entries = await entriesOf(session, place(path));
    return entries.some(({ kind, size }) => kind === 'directory' || !traits.isDiscarded(size));
  }

  /** The file is being changed here: what was seen of it is of the past. */
  forget(path: string): void {
    this.#sights.delete(path);
  }
}

export function isSameSight(a: Sight, b: Sight): boolean {
  return (
    a.stat?.size === b.stat?.size &&
    a.stat?.modified === b.stat?.modified &&
    a.asides.length === b.asides.length &&
    a.asides.every(({ record }) => hasRecord(b, record))
  );
}

function hasSameLines(a: Sight, b: Sight): boolean {
  return linesBeside(a) === linesBeside(b);
}

function linesBeside({ asides }: Sight): string {
  return asides.flatMap(({ record }) => (record.kind === 'lines' ? [record.id] : [])).join();
}

export function hasRecord({ asides }: Sight, record: AsideRecord): boolean {
  return asides.some((other) => other.record === record);
}
