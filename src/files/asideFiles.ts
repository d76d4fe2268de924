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
  writeTo,
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
 * window can harm it. A file that was torn is made whole from here by the next reader. To open a file of this folder for
 * writing empties it, which removes its record and makes the place for the next one by a single request.
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
    const data = await encodeAside(record);
    const spare = this.#spare(session) ?? (await this.#open(session));
    await writeTo(spare, data);
    await closeWritten(spare);
    this.#seen.set(spare.name, { size: data.length, modified: undefined, record });
    void this.#sweep(session);
    return { name: spare.name, record };
  }

  /** Removes what is safe in its file by now. What can't be removed stays, and does no harm. */
  async remove(session: ServerSession, asides: readonly Aside[]): Promise<void> {
    await mapSome(asides, async ({ name }) => {
      // Where nothing can be deleted a file keeps its bytes until the handle is closed.
      if (this.#traits.canDelete !== true) await this.#discard(session, name);
      const isWanted = this.#spares.length + this.#opening < SPARE_COUNT;
      if (isWanted) await this.#openSpare(session, name);
      else if (this.#traits.canDelete) await this.#discard(session, name);
    });
  }

  /** Finds out whether the server's storage can delete, when nothing has shown it so far. */
  async learnToDelete(session: ServerSession): Promise<void> {
    if (this.#traits.canDelete !== undefined) return;
    const spare = await this.#open(session);
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
    const entries = (await entriesOf(session, this.#folder)).filter(({ kind, size }) => kind === 'file' && size > 0);
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
    if (seen?.size === size && (seen.modified ?? modified) === modified) {
      if (seen.modified === undefined) this.#seen.set(name, { ...seen, modified });
      return seen.record;
    }
    const bytes = await readBytes(session, `${this.#folder}/${name}`);
    const record = bytes && (await decodeAside(bytes));
    this.#seen.set(name, { size, modified, record });
    return record;
  }

  #spare(session: ServerSession): Spare | undefined {
    const lost = this.#spares.filter((spare) => spare.session !== session);
    this.#orphans.push(...lost.map(({ name }) => name));
    this.#spares = this.#spares.filter((spare) => spare.session === session);
    return this.#spares.shift();
  }

  async #open(session: ServerSession, name: string = newId()): Promise<Spare> {
    const handle = await openForWriting(session, `${this.#folder}/${name}`);
    this.#seen.delete(name);
    return { ...handle, name };
  }

  async #openSpare(session: ServerSession, name: string): Promise<void> {
    this.#opening += 1;
    try {
      this.#spares.push(await this.#open(session, name));
    } catch {
      // In use by another window, or the session ended: it stays until somebody sweeps.
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
      const before = Date.now() - ABANDONED_MS;
      for (const { name, modified } of await entriesOf(session, this.#folder)) {
        const isLeft = modified < before && !this.#seen.get(name)?.record && !this.#isSpare(name);
        if (isLeft && this.#traits.canDelete !== false) await this.#discard(session, name);
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
    } catch {
      // In use by another window, or the session ended: it stays until somebody sweeps.
    }
  }
}
