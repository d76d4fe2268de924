import * as vscode from 'vscode';
import type { CatalogEntry } from '../chats/catalog.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { chatsRootFor, nearestChats } from './chatPlaces.ts';
import { PIPELINE_GLOB } from './pipelineFile.ts';

export interface FoundChat {
  readonly store: ChatStore;
  readonly entry: CatalogEntry;
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

  /** Every chat of this window's folders. A folder that can't be read is told of in the log, the others are listed. */
  async list(): Promise<FoundChat[]> {
    await this.#discover();
    const lists = await Promise.all(
      [...this.#stores.values()].map(async (store) => {
        try {
          return (await store.list()).map((entry) => ({ store, entry }));
        } catch (error) {
          this.#log.error(`The chats in ${store.files.location} can't be listed.`, error);
          return [];
        }
      }),
    );
    return lists.flat();
  }

  async find(chatId: string): Promise<FoundChat | undefined> {
    return (await this.list()).find(({ entry }) => entry.guid === chatId);
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
      for (const file of await vscode.workspace.findFiles(PIPELINE_GLOB, '**/node_modules/**', 1000)) {
        await this.forPipeline(file);
      }
    })();
    return this.#discovery;
  }
}
