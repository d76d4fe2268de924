import * as vscode from 'vscode';
import type { CatalogEntry } from '../chats/catalog.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import type { TrashedChat } from '../chats/chatTrash.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { chatsRootFor, nearestChats } from './chatPlaces.ts';
import { findPipelines } from './findPipelines.ts';

export interface FoundChat {
  readonly store: ChatStore;
  readonly entry: CatalogEntry;
}

export interface TrashedEntry {
  readonly store: ChatStore;
  readonly chat: TrashedChat;
}

/** A `.chats` folder; it need not be there yet. */
export interface ChatPlace {
  readonly root: vscode.Uri;
  readonly store: ChatStore;
  /** The user's own, for pipelines outside any folder. */
  readonly isUsers: boolean;
}

export interface ChatList {
  readonly chats: readonly FoundChat[];
  /** Why some chats may be missing here, though they are on disk. */
  readonly problems: readonly ChatError[];
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
  /** When the list of a store was compared with its files last, in epoch milliseconds. */
  readonly #checked = new Map<ChatStore, number>();
  #discovery: Promise<void> | undefined;

  constructor(options: {
    open: (root: vscode.Uri) => ChatStore;
    userStorage: vscode.Uri;
    log: vscode.LogOutputChannel;
  }) {
    this.#open = options.open;
    this.#userStorage = options.userStorage;
    this.#log = options.log;
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
    return [...this.#stores.values()].some((store) => store.isWaiting);
  }

  async forPipeline(file: vscode.Uri): Promise<ChatStore> {
    return this.#get(await chatsRootFor(file, this.#userStorage));
  }

  /** Every chat of this window's folders. A folder that can't be read is a problem to show; the others are listed. */
  async list(): Promise<ChatList> {
    const problems: ChatError[] = [];
    const chats = await this.#ofEach(async (store) => {
      const entries = await store.list();
      if (store.problem) problems.push(listedFromFolders(store.problem));
      if (!this.#checked.has(store)) void this.#check(store);
      return entries.map((entry): FoundChat => ({ store, entry }));
    }, problems);
    return { chats, problems };
  }

  /** The deleted chats of this window's folders, the last one first. */
  async trashed(): Promise<TrashedEntry[]> {
    const found = await this.#ofEach(async (store) => (await store.trash.list()).map((chat) => ({ store, chat })));
    const time = ({ chat }: TrashedEntry) => Date.parse(chat.deleted) || 0;
    return found.sort((a, b) => time(b) - time(a));
  }

  async trashCount(): Promise<number> {
    const counts = await this.#ofEach(async (store) => [await store.trash.count()]);
    return counts.reduce((sum, count) => sum + count, 0);
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

  /** Where a store lies, for people. */
  placeOf({ files: { location } }: ChatStore): string {
    const users = vscode.Uri.joinPath(this.#userStorage, '.chats').fsPath;
    return location === users
      ? vscode.l10n.t('your own storage, for pipelines outside any folder')
      : vscode.workspace.asRelativePath(location, true);
  }

  /** Every chat folder that this window has to do with. */
  async places(): Promise<ChatPlace[]> {
    await this.#discover();
    const users = vscode.Uri.joinPath(this.#userStorage, '.chats').toString();
    return [...this.#stores].map(([root, store]) => ({ root: vscode.Uri.parse(root), store, isUsers: root === users }));
  }

  async find(chatId: string): Promise<FoundChat | undefined> {
    const { chats } = await this.list();
    return chats.find(({ entry }) => entry.guid === chatId);
  }

  dispose(): void {
    for (const store of this.#stores.values()) store.dispose();
    this.#disposables.dispose();
  }

  /** What all stores have, in one list. A store that can't be read is logged; the others are read all the same. */
  async #ofEach<T>(read: (store: ChatStore) => Promise<T[]>, problems: ChatError[] = []): Promise<T[]> {
    await this.#discover();
    const all: T[] = [];
    for (const store of this.#stores.values()) {
      try {
        all.push(...(await read(store)));
      } catch (error) {
        this.#log.error(`The chats in ${store.files.location} can't be listed.`, error);
        problems.push(ChatError.from(error));
      }
    }
    return all;
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
      this.#get(vscode.Uri.joinPath(this.#userStorage, '.chats'));
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        const root = await nearestChats(folder.uri, folder.uri);
        this.#get(root ?? vscode.Uri.joinPath(folder.uri, '.chats'));
      }
      for (const file of await findPipelines(this.#log)) await this.forPipeline(file);
    })();
    return this.#discovery;
  }
}

function listedFromFolders({ code, message }: ChatError): ChatError {
  return new ChatError(code, `${message} The chats are listed from their own files until that is mended.`);
}
