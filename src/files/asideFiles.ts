import { v4 as newId } from 'uuid';
import type { ServerSession } from '../rocketride/serverSession.ts';
import { mapSome } from '../util/mapSome.ts';
import { type AsideRecord, decodeAside, encodeAside } from './asideRecord.ts';
import {
  closeWritten,
  entriesOf,
  openForWriting,
  readBytes,
  type ServerEntry,
  type WriteHandle,
  writeWhole,
} from './serverFiles.ts';
import type { ServerTraits } from './serverTraits.ts';

/** A question, a transcript and the list are kept within moments. */
const SPARE_COUNT = 3;
/** What is no record for so long is not being written by anybody. */
const ABANDONED_MS = 60 * 60_000;

export interface Aside {
  readonly name: string;
  readonly record: AsideRecord;
}

interface Spare extends WriteHandle {
  readonly name: string;
}

interface Seen {
  readonly size: number;
  /** Epoch milliseconds by the server's clock; undefined for what was written here and not listed since. */
  readonly modified: number | undefined;
  /** undefined for what was no whole record when it was read. */
  readonly record: AsideRecord | undefined;
}

/**
 * The folder where bytes wait that are not safe in their file yet. Each record is a file of its own: no crash and no other
 * window can harm it. A file that was torn is made whole from here by the next reader. A name is used once: who looked at
 * it a while ago must not take the next record for that one. Where nothing can be deleted the window that made the name
 * uses it again.
 */
export class AsideFiles {
  readonly #folder: string;
  readonly #traits: ServerTraits;
  readonly #seen = new Map<string, Seen>();
  #listing: Promise<readonly Aside[]> | undefined;
  #spares: Spare[] = [];
  #opening = 0;
  /** Names of spare files whose session ended. */
  #orphans: string[] = [];
  /** Names that were made here, and how often they held a record. */
  readonly #uses = new Map<string, number>();
  /** Those of them that are free to be used again. */
  readonly #free = new Set<string>();
  #sweptSession: ServerSession | undefined;

  /** @param folder path on the server */
  constructor(folder: string, traits: ServerTraits) {
    this.#folder = folder;
    this.#traits = traits;
  }

  /** All whole records, as the server has them after this call. */
  list(session: ServerSession): Promise<readonly Aside[]> {
    // Calls of one moment share a request; one that is under way may be older than what its caller did before.
    this.#listing ??= Promise.resolve().then(() => {
      this.#listing = undefined;
      return this.#list(session);
    });
    return this.#listing;
  }

  /** Keeps a record. Two round trips where a spare file is open already. */
  async keep(session: ServerSession, about: Omit<AsideRecord, 'id'>): Promise<Aside> {
    const record = { id: newId(), ...about };
    const spare = this.#spare(session) ?? (await this.#open(session, newId()));
    const data = await encodeAside(record, this.#uses.get(spare.name) ?? 0);
    await writeWhole(spare, data);
    this.#seen.set(spare.name, { size: data.length, modified: undefined, record });
    void this.#sweep(session);
    return { name: spare.name, record };
  }

  /** Removes what is safe in its file by now. What can't be removed stays, and does no harm. */
  async remove(session: ServerSession, asides: readonly Aside[]): Promise<void> {
    await mapSome(asides, async ({ name, record }) => {
      const now = this.#seen.get(name)?.record;
      if (now && now.id !== record.id) return;
      const isWanted = this.#spares.length + this.#opening < SPARE_COUNT;
      await Promise.all([this.#discard(session, name), isWanted && this.#openSpare(session)]);
    });
  }

  /** Finds out whether the server's storage can delete, when nothing has shown it so far. */
  async learnToDelete(session: ServerSession): Promise<void> {
    if (this.#traits.canDelete !== undefined) return;
    const spare = await this.#open(session, newId());
    await closeWritten(spare);
    await this.#traits.discard(session, `${this.#folder}/${spare.name}`);
  }

  /** Closes and removes the spare files, as long as there is a session to do it in. */
  async dispose(): Promise<void> {
    const spares = this.#spares.splice(0).filter(({ session }) => session.isOpen);
    await mapSome(spares, async (spare) => {
      await closeWritten(spare).catch(() => undefined);
      await this.#discard(spare.session, spare.name);
    });
  }

  async #list(session: ServerSession): Promise<readonly Aside[]> {
    const entries = (await entriesOf(session, this.#folder)).filter(({ kind, size }) => kind === 'file' && size !== 0);
    const found = await mapSome(entries, (entry) => this.#look(session, entry));
    const names = new Set(entries.map(({ name }) => name));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
    return found.flatMap((record, at) => {
      const name = entries[at]?.name;
      return record && name !== undefined ? [{ name, record }] : [];
    });
  }

  async #look(session: ServerSession, { name, size, modified }: ServerEntry): Promise<AsideRecord | undefined> {
    const seen = this.#seen.get(name);
    if (seen && seen.size === size && (seen.modified ?? modified) === modified) {
      if (seen.modified === undefined) this.#seen.set(name, { ...seen, modified });
      return seen.record;
    }
    const bytes = await readBytes(session, `${this.#folder}/${name}`);
    const record = bytes && (await decodeAside(bytes));
    if (size !== undefined) this.#seen.set(name, { size, modified, record });
    return record;
  }

  #spare(session: ServerSession): Spare | undefined {
    const lost = this.#spares.filter((spare) => spare.session !== session);
    this.#orphans.push(...lost.map(({ name }) => name));
    this.#spares = this.#spares.filter((spare) => spare.session === session);
    return this.#spares.shift();
  }

  async #open(session: ServerSession, name: string): Promise<Spare> {
    this.#free.delete(name);
    const handle = await openForWriting(session, `${this.#folder}/${name}`);
    this.#seen.delete(name);
    this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    return { ...handle, name };
  }

  async #openSpare(session: ServerSession): Promise<void> {
    this.#opening += 1;
    try {
      this.#spares.push(await this.#open(session, [...this.#free][0] ?? newId()));
    } catch {
      // The session ended: what was opened is left empty until somebody sweeps.
    } finally {
      this.#opening -= 1;
    }
  }

  /** Once in a session: takes away what windows left behind that were cut off. The server refuses what is in use. */
  async #sweep(session: ServerSession): Promise<void> {
    if (this.#sweptSession === session) return;
    this.#sweptSession = session;
    try {
      for (const name of this.#orphans.splice(0)) await this.#discard(session, name);
      const entries = await entriesOf(session, this.#folder);
      // By the server's clock: something was written here just now.
      const before = Math.max(...entries.map(({ modified }) => modified)) - ABANDONED_MS;
      for (const entry of entries) {
        const isOld = entry.modified < before && this.#traits.canDelete !== false && !this.#isSpare(entry.name);
        if (isOld && !(await this.#look(session, entry))) await this.#discard(session, entry.name);
      }
    } catch {
      // What is left does no harm.
    }
  }

  #isSpare(name: string): boolean {
    return this.#spares.some((spare) => spare.name === name);
  }

  async #discard(session: ServerSession, name: string): Promise<void> {
    this.#seen.delete(name);
    try {
      await this.#traits.discard(session, `${this.#folder}/${name}`);
      if (this.#traits.canDelete) this.#uses.delete(name);
      else if (this.#uses.has(name)) this.#free.add(name);
    } catch {
      // In use by another window, or the session ended: it stays until somebody sweeps.
    }
  }
}
