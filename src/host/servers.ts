import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import type { FileStore } from '../files/fileStore.ts';
import { ChatError, type ChatErrorShape } from '../protocol/chatError.ts';
import type { ConnectionState } from '../protocol/connectionState.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import type { Conversations } from './conversations.ts';
import type { PlainConsent } from './plainConsent.ts';
import type { OpenServer, ParseAddress, Server, ServerAddress } from './server.ts';
import type { ServerKeys } from './serverKeys.ts';
import { serverHost, serverName } from './serverNames.ts';
import { onDidChangeSettings, readSettings } from './settings.ts';

/** How this window stands with its server, or why it has nothing to do with one. */
export type ServerStatus =
  | ConnectionState
  /** No address is set, or it is none. */
  | { readonly kind: 'unnamed'; readonly error: ChatErrorShape }
  /** The user did not allow to go there unencrypted. */
  | { readonly kind: 'insecure'; readonly error: ChatErrorShape };

export interface OpenedServer {
  readonly address: ServerAddress;
  readonly server: Server;
  /** The chats in the file store of the account. */
  readonly store: ChatStore;
}

interface HeldServer extends OpenedServer {
  /** Resolves when all that was held there is given back. What goes wrong is logged. */
  leave(): Promise<void>;
}

export interface ServersOptions {
  readonly openServer: OpenServer;
  readonly parseAddress: ParseAddress;
  readonly openStore: (files: FileStore) => ChatStore;
  /** `ROCKETRIDE_URI` of the environment. */
  readonly environmentUrl: string | undefined;
  readonly keys: ServerKeys;
  readonly consent: PlainConsent;
  readonly conversations: Conversations;
  readonly isWatched: () => boolean;
  readonly log: vscode.LogOutputChannel;
}

/** Connecting is told of only when it takes longer, in milliseconds. */
const SLOW_MS = 1500;

/** How long the closing of a window waits for its servers; VS Code itself waits little longer. */
const LEAVE_LIMIT_MS = 3000;

/** The server that the settings of this window name: opened when it is first needed, and anew when they change. */
export class Servers implements Disposable {
  readonly keys: ServerKeys;
  readonly #options: ServersOptions;
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  /** There is another server, or it stands otherwise. */
  readonly onDidChange = this.#onDidChange.event;
  readonly #onDidConnect = this.#disposables.add(new Emitter<void>());
  /** There is a connection again, or a first one. */
  readonly onDidConnect = this.#onDidConnect.event;
  #isReady = false;
  #opening: { readonly url: string; readonly opened: Promise<OpenedServer> } | undefined;
  #current: HeldServer | undefined;
  /** Not used any more but for what is open or running on them. */
  readonly #retired = new Set<HeldServer>();
  #isInsecure = false;
  /** How it stood before it was tried again. */
  #lost: ConnectionState | undefined;
  #leaving: Promise<unknown> = Promise.resolve();
  #slow: NodeJS.Timeout | undefined;
  #isSlow = false;

  constructor(options: ServersOptions) {
    this.#options = options;
    this.keys = options.keys;
    this.#disposables.add(onDidChangeSettings(() => this.#update()));
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#update()));
    this.#disposables.add(options.keys.onDidChange((url) => this.#renew(url)));
    this.#disposables.add(options.conversations.onDidChange(() => this.#disposeUnused()));
  }

  /** Whether a setting of this window has pipelines run or chats kept on a server. */
  get isWanted(): boolean {
    const scopes = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
    return scopes.some((scope) => {
      const { engine, place } = readSettings(scope);
      return engine === 'server' || place === 'server';
    });
  }

  /** @throws ChatError `invalid` when none is set, or what is set is no address. */
  get address(): ServerAddress {
    const text = readSettings().serverUrl || this.#options.environmentUrl || '';
    if (text !== '') return this.#options.parseAddress(text);
    throw new ChatError('invalid', 'No RocketRide server is set. Connect to one first.');
  }

  /** undefined while none is set. */
  get url(): string | undefined {
    const address = this.#addressOrError();
    return address instanceof ChatError ? undefined : address.base;
  }

  /** For people: the host with its port; undefined while none is set. */
  get host(): string | undefined {
    return this.url && serverHost(this.url);
  }

  get current(): OpenedServer | undefined {
    return this.#current;
  }

  get status(): ServerStatus {
    const address = this.#addressOrError();
    if (address instanceof ChatError) return { kind: 'unnamed', error: address.toShape() };
    if (this.#isInsecure) return { kind: 'insecure', error: insecure(address).toShape() };
    const state = this.#current?.server.state ?? { kind: 'idle' };
    // Until a try has succeeded there is nothing else to tell.
    return state.kind === 'connecting' ? (this.#lost ?? state) : state;
  }

  /** Connecting has been going on for longer than a moment. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** The server in use, and connecting. @throws ChatError saying why it is not contacted. */
  async open(): Promise<OpenedServer> {
    const address = this.address;
    return this.#opening?.url === address.base ? this.#opening.opened : this.#begin(address, false);
  }

  /** Tries at once, because the user wants it, and asks again what was refused. */
  async connect(): Promise<void> {
    const address = this.address;
    const opening = this.#opening?.url === address.base ? this.#opening.opened : this.#begin(address, true);
    (await opening).server.connect();
  }

  /** Resolves when the server is logged in to, or can't be, or after so many milliseconds. */
  async settled(limitMs: number): Promise<void> {
    const isSettled = () => !['idle', 'connecting'].includes(this.status.kind);
    if (isSettled()) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(limit);
        subscription.dispose();
        resolve();
      };
      const limit = setTimeout(end, limitMs);
      const subscription = this.onDidChange(() => isSettled() && end());
    });
  }

  /** Resolves when nothing is held on any server any more: locks, spare files, the login; or that takes too long. */
  async close(): Promise<void> {
    clearTimeout(this.#slow);
    this.#disposables.dispose();
    const all = [...this.#retired, ...(this.#current ? [this.#current] : [])];
    this.#current = undefined;
    this.#opening = undefined;
    this.#retired.clear();
    this.#leaving = Promise.all([this.#leaving, ...all.map((one) => one.leave())]);
    await Promise.race([this.#leaving, new Promise((resolve) => setTimeout(resolve, LEAVE_LIMIT_MS))]);
  }

  dispose(): void {
    void this.close();
  }

  #begin(address: ServerAddress, isAsked: boolean): Promise<OpenedServer> {
    const isMeant = () => this.#opening === opening;
    const opening = { url: address.base, opened: this.#open(address, isAsked, isMeant) };
    this.#opening = opening;
    opening.opened.catch(() => {
      // Who waits for it is told why; the next one tries anew.
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening.opened;
  }

  /** @param isMeant whether the settings have not named another server, or another key come, in the meantime */
  async #open(address: ServerAddress, isAsked: boolean, isMeant: () => boolean): Promise<OpenedServer> {
    const { consent, keys, openServer, openStore, isWatched } = this.#options;
    const isAllowed = await consent.allow(address, isAsked);
    if (this.#isInsecure === isAllowed) {
      this.#isInsecure = !isAllowed;
      this.#onDidChange.fire();
    }
    if (!isAllowed) throw insecure(address);
    const url = address.base;
    const server = await openServer({ url, name: serverName(url), credential: () => keys.get(address), isWatched });
    const store = openStore(server.files);
    const subscription = server.onDidChange(() => this.#stateChanged());
    const leave = async () => {
      subscription.dispose();
      store.dispose();
      await server.dispose().catch((error) => this.#options.log.error(`Leaving ${serverHost(url)} failed.`, error));
    };
    const opened = { address, server, store, leave };
    if (!isMeant()) {
      await leave();
      throw new ChatError('server-offline', 'The settings changed at that moment. Try again.');
    }
    this.#current = opened;
    server.connect();
    this.#stateChanged();
    return opened;
  }

  #stateChanged(): void {
    const state = this.#current?.server.state;
    const isConnecting = state?.kind === 'connecting';
    if (!isConnecting) {
      this.#lost = state?.kind === 'offline' ? state : undefined;
      clearTimeout(this.#slow);
      this.#slow = undefined;
      this.#isSlow = false;
    } else if (!this.#isSlow) {
      this.#slow ??= setTimeout(() => {
        this.#isSlow = true;
        this.#onDidChange.fire();
      }, SLOW_MS);
    }
    this.#onDidChange.fire();
    const wasReady = this.#isReady;
    this.#isReady = state?.kind === 'ready';
    if (this.#isReady && !wasReady) this.#onDidConnect.fire();
  }

  /** Leaves a server that the settings do not name any more. */
  #update(): void {
    const url = this.isWanted ? this.url : undefined;
    if (this.#opening && this.#opening.url !== url) this.#leave();
    this.#stateChanged();
  }

  /** Another key may be another account, with other chats. */
  #renew(url: string): void {
    if (this.#opening?.url !== url) return;
    const { current } = this;
    if (current && current.server.state.kind !== 'ready') {
      current.server.connect();
      return;
    }
    this.#leave();
    this.#stateChanged();
  }

  #leave(): void {
    if (this.#current) this.#retired.add(this.#current);
    this.#current = undefined;
    this.#opening = undefined;
    this.#isInsecure = false;
    this.#lost = undefined;
    this.#disposeUnused();
  }

  #disposeUnused(): void {
    for (const one of this.#retired) {
      if (this.#options.conversations.isUsing(one.store)) continue;
      this.#retired.delete(one);
      this.#leaving = Promise.all([this.#leaving, one.leave()]);
    }
  }

  #addressOrError(): ServerAddress | ChatError {
    try {
      return this.address;
    } catch (error) {
      return ChatError.from(error);
    }
  }
}

function insecure({ base }: ServerAddress): ChatError {
  return new ChatError(
    'server-refused',
    `${serverHost(base)} is not connected: it has no encryption, and you did not allow that.`,
  );
}
