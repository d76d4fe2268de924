import * as vscode from 'vscode';
import type { CatalogEntry } from '../chats/catalog.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { chatsRootFor, nearestChats } from './chatPlaces.ts';
import { findPipelines } from './findPipelines.ts';

export interface FoundChat {
  readonly store: ChatStore;
  readonly entry: CatalogEntry;
}

export interface ChatList {
  readonly chats: readonly FoundChat[];
  /** Why some chats may be missing here, though they are on disk. */
  readonly problems: readonly ChatError[];
}

/** The chat folders that this window has to do with, each opened once. */
export class ChatStores implements Disposable {
  readonly #stores = new Map<string, ChatStore>();
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  readonly #open: (root: vscode.Uri) => ChatStore;
  readonly #userStorage: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
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
  }

  async forPipeline(file: vscode.Uri): Promise<ChatStore> {
    return this.#get(await chatsRootFor(file, this.#userStorage));
  }

  /** Every chat of this window's folders. A folder that can't be read is a problem to show; the others are listed. */
  async list(): Promise<ChatList> {
    await this.#discover();
    const chats: FoundChat[] = [];
    const problems: ChatError[] = [];
    for (const store of this.#stores.values()) {
      try {
        for (const entry of await store.list()) chats.push({ store, entry });
      } catch (error) {
        this.#log.error(`The chats in ${store.files.location} can't be listed.`, error);
        problems.push(ChatError.from(error));
      }
    }
    return { chats, problems };
  }

  async find(chatId: string): Promise<FoundChat | undefined> {
    const { chats } = await this.list();
    return chats.find(({ entry }) => entry.guid === chatId);
  }

  dispose(): void {
    for (const store of this.#stores.values()) store.dispose();
    this.#disposables.dispose();
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
