import * as vscode from 'vscode';
import type { CatalogEntry } from '../chats/catalog.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import type { TrashedChat } from '../chats/chatTrash.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { chatsRootFor, nearestChats } from './chatPlaces.ts';
import { findPipelines } from './findPipelines.ts';
import type { KnownServerChats } from './knownServerChats.ts';
import { ServerChats } from './serverChats.ts';
import { serverName } from './serverNames.ts';
import type { Servers } from './servers.ts';
import { onDidChangeSettings, type PlaceKind, readSettings } from './settings.ts';
import { withoutTwins } from './withoutTwins.ts';

export interface FoundChat {
  readonly store: ChatStore;
  readonly entry: CatalogEntry;
}

export interface TrashedEntry {
  readonly store: ChatStore;
  readonly chat: TrashedChat;
}

/** Where chats are kept. A folder need not be there yet. */
export interface ChatPlace {
  readonly kind: PlaceKind;
  readonly store: ChatStore;
  /** The `.chats` folder; undefined on a server. */
  readonly root: vscode.Uri | undefined;
}

export interface ChatList {
  readonly chats: readonly FoundChat[];
  /** Why some chats may be missing here, though they are on disk. */
  readonly problems: readonly ChatError[];
  /** Why those of the server may be missing, or be other by now. */
  readonly serverProblem: ChatError | undefined;
}

/** A window that gets the focus again compares lists with files at most so often. */
const CHECK_REST_MS = 30_000;

/** The chat folders that this window has to do with, each opened once. */
export class ChatStores implements Disposable {
  readonly #stores = new Map<string, ChatStore>();
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  readonly #open: (root: vscode.Uri) => ChatStore;
  readonly #userStorage: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
  readonly #servers: Servers;
  readonly #serverChats: ServerChats;
  readonly #onDidMove = this.#disposables.add(new Emitter<ReadonlySet<string>>());
  /** The chats with these ids lie in another place now. */
  readonly onDidMove = this.#onDidMove.event;
  /** When the list of a store was compared with its files last, in epoch milliseconds. */
  readonly #checked = new Map<ChatStore, number>();
  #discovery: Promise<void> | undefined;

  constructor(options: {
    open: (root: vscode.Uri) => ChatStore;
    userStorage: vscode.Uri;
    servers: Servers;
    known: KnownServerChats;
    log: vscode.LogOutputChannel;
  }) {
    this.#servers = options.servers;
    this.#serverChats = this.#disposables.add(new ServerChats(options));
    this.#open = options.open;
    this.#userStorage = options.userStorage;
    this.#log = options.log;
    this.#disposables.add(this.#serverChats.onDidChange(() => this.#onDidChange.fire()));
    this.#disposables.add(onDidChangeSettings(() => this.#onDidChange.fire()));
    this.#disposables.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.#discovery = undefined;
        this.#onDidChange.fire();
      }),
    );
    this.#disposables.add(
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) void this.check(CHECK_REST_MS);
      }),
    );
  }

  /** Another window keeps a change of some of the chats waiting. */
  get isWaiting(): boolean {
    return [...this.#stores.values()].some((store) => store.isWaiting) || this.#serverStore?.isWaiting === true;
  }

  /** Where the settings have the chats of a pipeline kept. @throws ChatError when that is a server that is not contacted. */
  async forPipeline(file: vscode.Uri): Promise<ChatStore> {
    const { place } = readSettings(file);
    if (place === 'server') return (await this.#servers.open()).store;
    return place === 'user' ? this.#get(this.#usersRoot) : this.besidePipeline(file);
  }

  /** The store beside a pipeline, whatever the settings say. */
  async besidePipeline(file: vscode.Uri): Promise<ChatStore> {
    return this.#get(await chatsRootFor(file, this.#userStorage));
  }

  /**
   * Every chat of this window's places. One that can't be read is a problem to show; the others are listed. The chats of
   * the server are those that it told last: a change is fired when it tells others.
   */
  async list(): Promise<ChatList> {
    this.#serverChats.begin();
    const problems: ChatError[] = [];
    const chats = await this.#ofEach(async (store) => {
      const entries = await store.list();
      if (store.problem) problems.push(listedFromFolders(store.problem));
      if (!this.#checked.has(store)) void this.#check(store);
      return entries.map((entry): FoundChat => ({ store, entry }));
    }, problems);
    const store = this.#serverStore;
    if (store) chats.push(...this.#serverChats.entries.map((entry): FoundChat => ({ store, entry })));
    return { chats: withoutTwins(chats), problems, serverProblem: this.#serverChats.problem };
  }

  /** Whether the server in use, if there is one, told its chats, or never will with this key. */
  get isServerListed(): boolean {
    const { isWanted, status } = this.#servers;
    return !isWanted || this.#serverChats.isListed || (status.kind === 'ready' && !status.canStore);
  }

  /** The deleted chats of this window's places, the last one first. */
  async trashed(): Promise<TrashedEntry[]> {
    const read = async (store: ChatStore) => (await store.trash.list()).map((chat) => ({ store, chat }));
    const found = await this.#ofEach(read, [], this.#readyStores);
    const time = ({ chat }: TrashedEntry) => Date.parse(chat.deleted) || 0;
    return found.sort((a, b) => time(b) - time(a));
  }

  async trashCount(): Promise<number> {
    const counts = await this.#ofEach(async (store) => [await store.trash.count()]);
    return counts.reduce((sum, count) => sum + count, this.#serverChats.trashCount);
  }

  /**
   * Compares each list with the files of its chats, those that were compared within `restMs` aside. What goes wrong is
   * logged, and the lists stay as they were.
   */
  async check(restMs = 0): Promise<void> {
    const since = Date.now() - restMs;
    const stores = [...this.#stores.values()].filter((store) => (this.#checked.get(store) ?? 0) <= since);
    await Promise.all(stores.map((store) => this.#check(store)));
  }

  /** As `check`, because the user asked for it: the server too, whose every file costs a request. */
  async checkAll(): Promise<void> {
    await Promise.all([this.check(), ...this.#readyStores.map((store) => this.#check(store))]);
    await this.#serverChats.refresh();
  }

  /** Where a store lies, for people. */
  placeOf(store: ChatStore): string {
    const { location } = store.files;
    if (store === this.#serverStore) return serverName(this.#servers.current?.address.base ?? location);
    return location === this.#usersRoot.fsPath
      ? vscode.l10n.t('your own storage, outside of any folder')
      : vscode.workspace.asRelativePath(location, true);
  }

  /** Whether chats of this window may be kept there, still. */
  has(store: ChatStore): boolean {
    return store === this.#serverStore || [...this.#stores.values()].includes(store);
  }

  /** Why the chats of the server are not in the list; undefined when they are, or when there are none to be. */
  get unlisted(): 'coming' | 'unavailable' | undefined {
    if (this.isServerListed) return undefined;
    return 'error' in this.#servers.status || this.#serverChats.problem ? 'unavailable' : 'coming';
  }

  /** Where a chat is that no place lists while the server has not told its chats; undefined without a server. */
  async unlistedStore(): Promise<ChatStore | undefined> {
    if (this.isServerListed) return undefined;
    // Why it can't be opened is the status of the servers.
    return this.#servers.open().then(
      ({ store }) => store,
      () => undefined,
    );
  }

  kindOf(store: ChatStore): PlaceKind {
    if (store === this.#serverStore) return 'server';
    return store === this.#stores.get(this.#usersRoot.toString()) ? 'user' : 'workspace';
  }

  /** Every chat folder that this window has to do with, and the server while it is connected. */
  async places(): Promise<ChatPlace[]> {
    await this.#discover();
    const local = [...this.#stores].map(
      ([root, store]): ChatPlace => ({ kind: this.kindOf(store), store, root: vscode.Uri.parse(root) }),
    );
    const server = this.#readyStores.map((store): ChatPlace => ({ kind: 'server', store, root: undefined }));
    return [...local, ...server];
  }

  /** Waits for a server only when the chat is in no folder. */
  async find(chatId: string): Promise<FoundChat | undefined> {
    const found = await this.findListed(chatId);
    if (found || this.isServerListed) return found;
    await this.#serverChats.listed();
    return this.findListed(chatId);
  }

  /** As far as chats are listed now: waits for no server. */
  async findListed(chatId: string): Promise<FoundChat | undefined> {
    return (await this.list()).chats.find(({ entry }) => entry.guid === chatId);
  }

  /** Tells that chats were moved from one place to another. */
  moved(chatIds: ReadonlySet<string>): void {
    this.#onDidMove.fire(chatIds);
  }

  dispose(): void {
    for (const store of this.#stores.values()) store.dispose();
    this.#disposables.dispose();
  }

  get #usersRoot(): vscode.Uri {
    return vscode.Uri.joinPath(this.#userStorage, '.chats');
  }

  get #serverStore(): ChatStore | undefined {
    return this.#servers.current?.store;
  }

  /** What all stores have, in one list. A store that can't be read is logged; the others are read all the same. */
  async #ofEach<T>(
    read: (store: ChatStore) => Promise<T[]>,
    problems: ChatError[] = [],
    others: readonly ChatStore[] = [],
  ): Promise<T[]> {
    await this.#discover();
    const all = [...this.#stores.values(), ...others].map(async (store) => {
      try {
        return await read(store);
      } catch (error) {
        this.#log.error(`The chats in ${store.files.location} can't be listed.`, error);
        problems.push(ChatError.from(error));
        return [];
      }
    });
    return (await Promise.all(all)).flat();
  }

  /** That of the server while it answers. */
  get #readyStores(): readonly ChatStore[] {
    const { status } = this.#servers;
    return this.#serverStore && status.kind === 'ready' && status.canStore ? [this.#serverStore] : [];
  }

  async #check(store: ChatStore): Promise<void> {
    this.#checked.set(store, Date.now());
    try {
      await store.check();
    } catch (error) {
      this.#log.error(`The chats in ${store.files.location} could not be compared with their list.`, error);
    }
  }

  #get(root: vscode.Uri): ChatStore {
    const known = this.#stores.get(root.toString());
    if (known) return known;
    const store = this.#open(root);
    this.#stores.set(root.toString(), store);
    this.#disposables.add(store.onDidChange(() => this.#onDidChange.fire()));
    return store;
  }

  #discover(): Promise<void> {
    this.#discovery ??= (async () => {
      this.#get(this.#usersRoot);
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        const root = await nearestChats(folder.uri, folder.uri);
        this.#get(root ?? vscode.Uri.joinPath(folder.uri, '.chats'));
      }
      for (const file of await findPipelines(this.#log)) await this.besidePipeline(file);
    })();
    return this.#discovery;
  }
}

function listedFromFolders({ code, message }: ChatError): ChatError {
  return new ChatError(code, `${message} The chats are listed from their own files until that is mended.`);
}
