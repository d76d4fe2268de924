import { ChatError } from '../protocol/chatError.ts';
import type { ServerLink, ServerSession } from '../rocketride/serverSession.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ExclusiveOptions, Lease } from './fileStore.ts';
import { closeWritten, isFailure, openForWriting, type WriteHandle } from './serverFiles.ts';
import type { ServerTraits } from './serverTraits.ts';

/** The server takes a minute to notice that a holder is gone whose machine fell silent. */
const DEFAULT_WAIT_MS = 90_000;
const PATIENCE_MS = 300;
const LONGEST_PAUSE_MS = 250;

/** A right that ends with the session in which it was given. */
export class ServerLease implements Lease {
  readonly session: ServerSession;
  /** The path in the store that is held. */
  readonly path: string;
  /** By the clock of `performance.now()`. */
  readonly since = performance.now();

  constructor(session: ServerSession, path: string) {
    this.session = session;
    this.path = path;
  }

  assertHeld(): void {
    if (this.session.isOpen) return;
    throw new ChatError('server-offline', 'The connection to the server was lost while saving there.');
  }
}

export interface ServerLocksOptions {
  readonly link: ServerLink;
  readonly traits: ServerTraits;
  /** The path on the server. */
  readonly place: (path: string) => string;
  /** Resolves when what was changed under a right is in order; the right is given back after that. */
  readonly isInOrder: () => Promise<void>;
}

/**
 * One window at a time, by a handle that is held open for writing: the server gives it to one connection of the account
 * and takes it back when that ends.
 */
export class ServerLocks {
  readonly #link: ServerLink;
  readonly #traits: ServerTraits;
  readonly #place: (path: string) => string;
  readonly #isInOrder: () => Promise<void>;
  readonly #sequencer = new Sequencer();
  readonly #releases = new Map<string, Promise<void>>();

  constructor({ link, traits, place, isInOrder }: ServerLocksOptions) {
    this.#link = link;
    this.#traits = traits;
    this.#place = place;
    this.#isInOrder = isInOrder;
  }

  exclusive<T>(path: string, work: (lease: ServerLease) => Promise<T>, options: ExclusiveOptions = {}): Promise<T> {
    return options.waitMs === 0
      ? this.#exclusive(path, work, options)
      : this.#sequencer.run(path, () => this.#exclusive(path, work, options));
  }

  /** Resolves when nothing is held that was given back. */
  async settled(): Promise<void> {
    await Promise.all(this.#releases.values());
  }

  async #exclusive<T>(path: string, work: (lease: ServerLease) => Promise<T>, options: ExclusiveOptions): Promise<T> {
    const held = await this.#take(path, options);
    try {
      return await work(new ServerLease(held.session, path));
    } finally {
      this.#giveBack(path, held, options.isLast ?? false);
    }
  }

  async #take(path: string, { waitMs = DEFAULT_WAIT_MS, onWait }: ExclusiveOptions): Promise<WriteHandle> {
    await this.#releases.get(path);
    const started = performance.now();
    let hasSaidSo = false;
    for (let pauseMs = 15; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const session = await this.#link.session();
      try {
        return await openForWriting(session, this.#place(path));
      } catch (error) {
        if (!isFailure(error, 'already-open')) throw error;
      }
      const waitedMs = performance.now() - started;
      if (waitedMs >= waitMs) {
        throw new ChatError('contended', 'Another window is busy with the chats on the server. Try again in a moment.');
      }
      if (waitedMs > PATIENCE_MS && !hasSaidSo) {
        hasSaidSo = true;
        onWait?.();
      }
      // Jitter keeps two waiters from meeting again and again.
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
    }
  }

  /** Nobody has to wait for it but who wants the same path next. */
  #giveBack(path: string, handle: WriteHandle, isLast: boolean): void {
    // What fails here ended with the session, and the server took the right back with it.
    const release = this.#release(path, handle, isLast).catch(() => undefined);
    this.#releases.set(path, release);
    void release.then(() => {
      if (this.#releases.get(path) === release) this.#releases.delete(path);
    });
  }

  async #release(path: string, handle: WriteHandle, isLast: boolean): Promise<void> {
    await this.#isInOrder();
    if (handle.session.isOpen) await closeWritten(handle);
    if (isLast && handle.session.isOpen) await this.#traits.discard(handle.session, this.#place(path));
  }
}
