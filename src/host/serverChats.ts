import type * as vscode from 'vscode';
import type { CatalogEntry } from '../chats/catalog.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import type { KnownServerChats } from './knownServerChats.ts';
import type { OpenedServer, Servers } from './servers.ts';
import { unlistedSentence } from './unlistedSentence.ts';

/** How long whoever looks for a certain chat waits for the list of a server, in milliseconds. */
const FIND_LIMIT_MS = 10_000;

/** Several changes in a row are listed once; each listing is several requests. */
const SETTLE_MS = 300;

/** The chats on the server in use as they were listed last, so that a slow or dead server keeps nobody waiting. */
export class ServerChats implements Disposable {
  readonly #servers: Servers;
  readonly #known: KnownServerChats;
  readonly #log: vscode.LogOutputChannel;
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  #watched: { readonly opened: OpenedServer; readonly subscription: Disposable } | undefined;
  #entries: readonly CatalogEntry[] | undefined;
  #trashCount = 0;
  /** Why the last listing failed. */
  #failure: ChatError | undefined;
  #listing: Promise<void> | undefined;
  #settle: NodeJS.Timeout | undefined;
  #isListingAgain = false;
  /** What was told last, so that nothing is drawn anew for nothing. */
  #told = '';
  #serverCount = 0;

  constructor(options: { servers: Servers; known: KnownServerChats; log: vscode.LogOutputChannel }) {
    this.#servers = options.servers;
    this.#known = options.known;
    this.#log = options.log;
    this.#disposables.add(options.servers.onDidChange(() => this.#serverChanged()));
    // While there was no connection others may have changed what is there.
    this.#disposables.add(options.servers.onDidConnect(() => void this.refresh()));
  }

  /** Empty until the server was listed. */
  get entries(): readonly CatalogEntry[] {
    return this.#entries ?? [];
  }

  get trashCount(): number {
    return this.#trashCount;
  }

  /** The server told its chats, in this window, since it is in use. */
  get isListed(): boolean {
    return this.#entries !== undefined;
  }

  /** What may be missing from the list, or be other by now; undefined when all is told, or will be in a moment. */
  get problem(): ChatError | undefined {
    const { status, host } = this.#servers;
    if (host === undefined || !this.#servers.isWanted) return undefined;
    const error = 'error' in status ? status.error : this.#failure;
    if (!error) return this.#watched?.opened.store.problem;
    const counts = Object.values(this.#known.of(this.#servers.url ?? '') ?? {});
    const known = counts.reduce((sum, count) => sum + count, 0);
    return new ChatError(error.code, unlistedSentence(host, this.isListed ? 'stale' : known, error));
  }

  /** Opens the server, when one is wanted, and has it listed in the background. What goes wrong is in `problem`. */
  begin(): void {
    if (!this.#servers.isWanted) return;
    // Why it can't be opened is the status of the servers.
    this.#servers.open().catch(() => undefined);
  }

  /** Resolves when the server was listed, or can't be, or not within a time. */
  async listed(): Promise<void> {
    if (!this.#servers.isWanted || this.isListed) return;
    this.begin();
    await this.#servers.settled(FIND_LIMIT_MS);
    await this.#listing;
  }

  /** Lists anew; of calls during one listing, one more follows it. */
  refresh(): Promise<void> {
    clearTimeout(this.#settle);
    this.#settle = undefined;
    if (this.#listing) this.#isListingAgain = true;
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      if (this.#isListingAgain) {
        this.#isListingAgain = false;
        void this.refresh();
      }
    });
    return this.#listing;
  }

  dispose(): void {
    clearTimeout(this.#settle);
    this.#watched?.subscription.dispose();
    this.#disposables.dispose();
  }

  #serverChanged(): void {
    const { current } = this.#servers;
    if (this.#watched?.opened !== current) {
      this.#watched?.subscription.dispose();
      this.#watched = current && {
        opened: current,
        subscription: current.store.onDidChange(() => {
          this.#tell();
          this.#settle ??= setTimeout(() => void this.refresh(), SETTLE_MS);
        }),
      };
      this.#serverCount += 1;
      this.#entries = undefined;
      this.#failure = undefined;
      this.#trashCount = 0;
    }
    this.#tell();
  }

  async #list(): Promise<void> {
    const opened = this.#watched?.opened;
    const { state } = opened?.server ?? {};
    // Without the permission there is nothing to list, and asking for it would fail each time.
    if (!opened || state?.kind !== 'ready' || !state.canStore) return;
    try {
      const entries = await opened.store.list();
      // A chat that is deleted leaves the list, and one that is restored comes back to it.
      const isCounted = this.#trashCount === 0 && hasSameChats(entries, this.#entries);
      const trashCount = isCounted ? 0 : await opened.store.trash.count();
      if (this.#watched?.opened !== opened) return;
      this.#entries = entries;
      this.#trashCount = trashCount;
      this.#failure = undefined;
      await this.#known.set(opened.address.base, entries);
    } catch (error) {
      this.#log.error(`The chats on ${opened.address.base} can't be listed.`, error);
      if (this.#watched?.opened === opened) this.#failure = ChatError.from(error);
    }
    this.#tell();
  }

  #tell(): void {
    const isWaiting = this.#watched?.opened.store.isWaiting;
    const problem = this.problem?.message;
    const now = JSON.stringify([this.#serverCount, this.#entries, this.#trashCount, isWaiting, problem]);
    if (now === this.#told) return;
    this.#told = now;
    this.#onDidChange.fire();
  }
}

function hasSameChats(entries: readonly CatalogEntry[], before: readonly CatalogEntry[] | undefined): boolean {
  const known = new Set(before?.map(({ guid }) => guid));
  return before?.length === entries.length && entries.every(({ guid }) => known.has(guid));
}
