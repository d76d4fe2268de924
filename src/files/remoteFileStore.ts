import { ChatError } from '../protocol/chatError.ts';
import type { ServerLink, ServerSession } from '../rocketride/serverSession.ts';
import { concatBytes } from '../util/concatBytes.ts';
import type { Disposable } from '../util/disposable.ts';
import { mapSome } from '../util/mapSome.ts';
import { Sequencer } from '../util/sequencer.ts';
import { type Aside, AsideFiles } from './asideFiles.ts';
import type { ByteRange, ExclusiveOptions, FileAtEnd, FileStat, FileStore, Lease, LinesFor } from './fileStore.ts';
import { FolderWatch } from './folderWatch.ts';
import { KnownFiles } from './knownFiles.ts';
import { mergedFile, withLines } from './mergedFile.ts';
import { type FileContent, ServerContents } from './serverContents.ts';
import { entriesOf, isFailure, removeFolder, renamePath, statOf } from './serverFiles.ts';
import { ServerLease, ServerLocks } from './serverLock.ts';
import { serverPath } from './serverPath.ts';
import { ServerSights } from './serverSights.ts';
import { ServerTraits } from './serverTraits.ts';

const ROOT = '.chats';
const ASIDE = '.aside';
const LOCKS = '.locks/';
const CREATE_LOCK = `${LOCKS}create`;
/** How long something is waited for that another program is using. */
const BUSY_MS = 5000;
const BUSY_PAUSE_MS = 50;
/** The server may still be copying when the connection is lost. */
const MOVE_MS = 300;
/** By then a writer that is at work has come to its end. */
const SETTLE_MS = 2000;

export interface RemoteFileStoreOptions {
  readonly link: ServerLink;
  /** For people: which server. */
  readonly location: string;
  /** Whether anybody looks at what changes on the server. */
  readonly isWatched?: () => boolean;
  /** How often to look, in milliseconds. Default 3,000. */
  readonly pollMs?: number;
  /** In which files of the root a change there shows; the whole folder may be long. */
  readonly rootFiles?: readonly string[];
}

/**
 * A FileStore in the `.chats` folder of an account's files on a RocketRide server, which has no append, no rename over a
 * file and no compare-and-swap, and empties a file when it is opened for writing. So a new content is complete in a file
 * of its own first (see AsideFiles), then in its place; what is known is not read again.
 */
export class RemoteFileStore implements FileStore {
  readonly location: string;
  readonly #link: ServerLink;
  readonly #traits = new ServerTraits();
  readonly #asides = new AsideFiles(place(ASIDE), this.#traits);
  readonly #sights = new ServerSights({ asides: this.#asides, traits: this.#traits, place });
  readonly #known = new KnownFiles();
  readonly #contents: ServerContents;
  readonly #locks: ServerLocks;
  readonly #sequencer = new Sequencer();
  readonly #watch: FolderWatch;
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();

  constructor({ link, location, isWatched = () => true, pollMs = 3000, rootFiles = [] }: RemoteFileStoreOptions) {
    const traits = this.#traits;
    this.#link = link;
    this.location = location;
    this.#contents = new ServerContents({
      asides: this.#asides,
      sights: this.#sights,
      known: this.#known,
      place,
      onUnsettled: (path, lock) => this.#settleSoon(path, lock),
    });
    this.#locks = new ServerLocks({ link, traits, place, isInOrder: () => this.#contents.tidied() });
    this.#watch = new FolderWatch({ pollMs, isWatched, look: (folder) => this.#look(folder, rootFiles) });
  }

  /** Where nothing can be deleted a file appears when it is closed for the first time, and one that was emptied counts as gone. */
  get areLocksHidden(): boolean {
    return this.#traits.canDelete !== true;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    place(path);
    return this.#contents.stat(await this.#link.session(), path);
  }

  async read(path: string, range?: ByteRange): Promise<Uint8Array> {
    place(path);
    const bytes = await this.#contents.read(await this.#link.session(), path, range);
    if (!bytes) throw notThere(path);
    return bytes;
  }

  /** As the interface says; but data that comes in pieces is held whole, because it is sent twice. */
  async write(path: string, data: Uint8Array | AsyncIterable<Uint8Array>, lease?: Lease): Promise<void> {
    place(path);
    const bytes = data instanceof Uint8Array ? data : await gathered(data);
    lease?.assertHeld();
    const session = await this.#sessionOf(lease);
    const { asides } = await this.#sights.seeOnce(session, path, lease);
    await this.#contents.replace({ session, path, bytes, lease, asides });
    this.#watch.changed(parentOf(path));
  }

  append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number> {
    place(path);
    return this.#sequencer.run(path, async () => {
      const session = await this.#sessionOf(lease);
      const size = await whenFree(async () => {
        const content = await this.#contents.content(session, path);
        if (!content) throw notThere(path);
        const made = lines instanceof Uint8Array ? lines : await lines(atEnd(content));
        const { asides, isSettled } = content;
        const bytes = withLines(content.bytes, made);
        lease?.assertHeld();
        const isNew = bytes !== content.bytes || !isSettled;
        if (isNew) await this.#contents.replace({ session, path, bytes, lease, asides, isGrown: true });
        return bytes.length;
      });
      this.#watch.changed(parentOf(path));
      return size;
    });
  }

  async jot(path: string, lines: Uint8Array): Promise<void> {
    const session = await this.#link.session();
    const record = { for: path, kind: 'lines', order: 0, at: Date.now(), bytes: lines } as const;
    const [kept, stat] = await Promise.all([this.#asides.keep(session, record), statOf(session, place(path))]);
    if (!stat && !(await this.#contents.content(session, path))) {
      await this.#asides.remove(session, [kept]);
      throw notThere(path);
    }
    this.#watch.changed(parentOf(path));
  }

  create(path: string, data: Uint8Array, lease?: Lease): Promise<boolean> {
    place(path);
    // Opening a file for writing empties it, so that nobody else may be between the look and the writing.
    return this.exclusive(CREATE_LOCK, async (creating) => {
      lease?.assertHeld();
      const session = await this.#sessionOf(creating);
      const { stat, asides } = await this.#sights.see(session, path);
      if (stat?.size === 0 && stat.kind === 'file') await this.#asides.learnToDelete(session);
      if ((stat && !this.#traits.isDiscarded(stat.size)) || mergedFile(undefined, asides)) return false;
      await this.#contents.replace({ session, path, bytes: data, lease: lease ?? creating, asides });
      this.#watch.changed(parentOf(path));
      return true;
    });
  }

  async list(path: string): Promise<{ name: string; kind: FileStat['kind'] }[]> {
    const entries = await entriesOf(await this.#link.session(), place(path));
    return entries.flatMap(({ name, kind, size }) =>
      (path === '' && name === ASIDE) || (kind === 'file' && this.#traits.isDiscarded(size)) ? [] : [{ name, kind }],
    );
  }

  async remove(path: string): Promise<void> {
    place(path);
    const session = await this.#link.session();
    await this.#asides.remove(session, await this.#beside(session, path));
    await this.#discard(session, path);
    this.#watch.changed(parentOf(path));
  }

  /** Never done where the server's storage can't delete: that would leave two. */
  async move(from: string, to: string, lease?: Lease): Promise<void> {
    const session = await this.#sessionOf(lease);
    const [source, target] = [place(from), place(to)];
    if (!(await this.stat(from))) throw notThere(from);
    if (await this.stat(to)) throw new ChatError('storage', 'There is something at that place on the server already.');
    await this.#asides.learnToDelete(session);
    if (!this.#traits.canDelete) throw new ChatError('storage', "The server's storage can't move files.");
    for (const path of forWhat(await this.#beside(session, from))) await this.#contents.settle(session, path, lease);
    this.#known.deleteBelow(from);
    this.#known.deleteBelow(to);
    lease?.assertHeld();
    try {
      await whenFree(() => renamePath(session, source, target));
    } catch (error) {
      if (ChatError.from(error).code !== 'server-offline' || !(await this.#isMoved(from, to))) throw error;
    }
    // What was jotted down until then.
    const now = session.isOpen ? session : await this.#link.session();
    for (const path of forWhat(await this.#beside(now, from))) {
      await this.#contents.bring(now, path, to + path.slice(from.length));
    }
    for (const path of [from, to]) this.#watch.changed(parentOf(path));
  }

  exclusive<T>(path: string, work: (lease: Lease) => Promise<T>, options?: ExclusiveOptions): Promise<T> {
    place(path);
    return this.#locks.exclusive(path, work, options);
  }

  watch(folder: string, onChange: () => void): Disposable {
    place(folder);
    return this.#watch.add(folder, onChange);
  }

  /** Gives back what is held on the server. Nothing else may be asked of the store from then on. */
  async dispose(): Promise<void> {
    this.#watch.dispose();
    for (const timer of this.#settling.values()) clearTimeout(timer);
    await this.#locks.settled();
    await this.#asides.dispose();
  }

  /** A right is worth nothing in another session than its own. */
  async #sessionOf(lease: Lease | undefined): Promise<ServerSession> {
    return lease instanceof ServerLease ? lease.session : this.#link.session();
  }

  /** What is kept beside a file, or beside those in a folder. */
  async #beside(session: ServerSession, path: string): Promise<readonly Aside[]> {
    return (await this.#asides.list(session)).filter(({ record }) => isIn(path, record.for));
  }

  async #discard(session: ServerSession, path: string): Promise<void> {
    const stat = await statOf(session, place(path));
    this.#known.deleteBelow(path);
    if (stat?.kind === 'file') await whenFree(() => this.#traits.discard(session, place(path)));
    if (stat?.kind !== 'directory') return;
    try {
      if (this.#traits.canDelete !== false) return await whenFree(() => removeFolder(session, place(path)));
    } catch (error) {
      if (!isFailure(error, 'cannot-delete')) throw error;
    }
    await mapSome(await entriesOf(session, place(path)), ({ name }) => this.#discard(session, `${path}/${name}`));
  }

  async #look(folder: string, rootFiles: readonly string[]): Promise<string> {
    const session = await this.#link.session();
    // In the middle of a change by this window itself there would be something else to see.
    await this.#contents.settled();
    const [entries, asides] = await Promise.all([
      folder === '' && rootFiles.length > 0
        ? mapSome(rootFiles, (name) => statOf(session, place(name)))
        : entriesOf(session, place(folder)),
      this.#asides.list(session),
    ]);
    const beside = asides.filter(({ record }) => parentOf(record.for) === folder);
    return JSON.stringify([entries, beside.map(({ name }) => name)]);
  }

  /** Whether the server did it, though the connection was lost before it could say so. */
  async #isMoved(from: string, to: string): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, MOVE_MS));
    return !(await this.stat(from)) && (await this.stat(to)) !== undefined;
  }

  /** Whoever wrote there is gone, or done by then; with nobody writing the lock is free. */
  #settleSoon(path: string, lock: string): void {
    // To take a lock empties its file: a record that somebody forged must not name another one.
    if (!lock.startsWith(LOCKS) || this.#settling.has(path)) return;
    const settle = async (lease: Lease) => {
      if (lease instanceof ServerLease) await this.#contents.settle(lease.session, path, lease);
    };
    const timer = setTimeout(() => {
      this.#settling.delete(path);
      // What can't be settled now is found again by the next reader.
      this.#locks.exclusive(lock, settle, { waitMs: 0 }).catch(() => undefined);
    }, SETTLE_MS);
    this.#settling.set(path, timer);
  }
}

function place(path: string): string {
  return serverPath(ROOT, path);
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function forWhat(asides: readonly Aside[]): ReadonlySet<string> {
  return new Set(asides.map(({ record }) => record.for));
}

function notThere(path: string): ChatError {
  return new ChatError('not-found', `There is no ${path} on the server.`);
}

/** The file as it is read already. */
function atEnd({ bytes }: FileContent): FileAtEnd {
  return {
    stat: async () => ({ kind: 'file', size: bytes.length, modified: 0 }),
    read: async (_path, range) => bytes.slice(range?.start ?? 0, range?.end ?? bytes.length),
    sizeWith: (lines) => withLines(bytes, lines).length,
  };
}

/** Tries again while another program is using what is to be changed. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isFailure(error, 'already-open', 'handles-open') || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
  }
}

async function gathered(data: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of data) pieces.push(piece);
  return concatBytes(pieces);
}
