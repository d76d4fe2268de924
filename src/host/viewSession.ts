import * as vscode from 'vscode';
import type { Conversation } from '../chats/conversation.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type HostCalls, hostCalls, type ViewEvents, viewEvents } from '../protocol/contract.ts';
import { type Handlers, HostRpc, type Port } from '../protocol/rpc.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ChatDeletion } from './chatDeletion.ts';
import { DeltaBuffer } from './deltaBuffer.ts';
import type { Drafts } from './drafts.ts';
import type { ModelKeys } from './modelKeys.ts';
import { PipelineChats, type PipelineChatsServices } from './pipelineChats.ts';
import type { PipelineFile } from './pipelineFile.ts';
import { runAction } from './viewActions.ts';
import { chatTitle, viewSnapshot } from './viewSnapshot.ts';

/** The chat that a view starts with; without an id, the newest. */
export interface StartChat {
  readonly chatId?: string | null | undefined;
  readonly isPrivate?: boolean | undefined;
  /** What it was called when it was shown last. */
  readonly title?: string | undefined;
}

/** What takes longer to read is shown as loading, in milliseconds. */
const MOMENT_MS = 200;

/** What all views of a window share. */
export interface ViewServices extends PipelineChatsServices {
  readonly deletion: ChatDeletion;
  readonly drafts: Drafts;
  readonly keys: ModelKeys;
  readonly log: vscode.LogOutputChannel;
  readonly newId: () => string;
}

/** The host's half of one panel: which chat it shows, and what its page may do. */
export class ViewSession implements Disposable {
  readonly #pipelineChats: PipelineChats;
  readonly #services: ViewServices;
  readonly #disposables = new DisposableStore();
  readonly #sequencer = new Sequencer();
  readonly #rpc: HostRpc<HostCalls, ViewEvents>;
  readonly #deltas: DeltaBuffer;
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  /** The chat shown, or its title, changed. */
  readonly onDidChange = this.#onDidChange.event;
  /** Resolves once the view knows its pipeline, its list and which chat it shows. */
  readonly started: Promise<void>;
  readonly #start: StartChat;
  #open: ({ readonly conversation: Conversation } & Disposable) | undefined;
  #openDisposables = new DisposableStore();
  /** The chat shown is in no list, but may be on the server that does not tell its chats. */
  #isPresumed = false;
  /** The chat that was shown until it was deleted. */
  #leftChatId: string | undefined;
  #rev = 0;
  #isPageReady = false;
  #isPushing = false;

  constructor(options: { port: Port; file: PipelineFile; services: ViewServices; start: StartChat }) {
    this.#services = options.services;
    this.#pipelineChats = this.#disposables.add(new PipelineChats(options.file, options.services));
    this.#rpc = this.#disposables.add(
      new HostRpc(options.port, { calls: hostCalls, events: viewEvents }, this.#handlers(), (problem, cause) =>
        this.#services.log.error(problem, cause),
      ),
    );
    this.#deltas = this.#disposables.add(
      new DeltaBuffer((delta) => this.#rpc.fire('delta', { chatId: this.#conversation.chatId, ...delta })),
    );
    const { deletion, log } = options.services;
    const logged = (work: Promise<void>) => void work.catch((error) => log.error('A panel lost its chat.', error));
    this.#disposables.add(deletion.onWillDelete((ids) => logged(this.#leave(ids))));
    this.#disposables.add(deletion.onDidRestore((ids) => logged(this.#comeBack(ids))));
    this.#disposables.add(options.services.stores.onDidMove((ids) => logged(this.#followMoved(ids))));
    this.#start = options.start;
    this.started = this.#begin(options.start);
  }

  get pipelineUri(): vscode.Uri {
    return this.#pipelineChats.file.uri;
  }

  get chatId(): string | undefined {
    return this.#open?.conversation.chatId;
  }

  get title(): string {
    return this.#open ? chatTitle(this.#pipelineChats, this.#open.conversation, this.#lastTitle) : '';
  }

  /** Shows a chat; `null` a new one. */
  async openChat(chatId: string | null, isPrivate = false): Promise<void> {
    await this.started;
    await this.#show(chatId ?? undefined, isPrivate);
  }

  focusComposer(): void {
    this.#rpc.fire('focusComposer', {});
  }

  stop(): void {
    this.#open?.conversation.stop();
  }

  dispose(): void {
    this.#openDisposables.dispose();
    this.#disposables.dispose();
  }

  get #conversation(): Conversation {
    if (!this.#open) throw new ChatError('invalid', 'The panel is still starting. Try again in a moment.');
    return this.#open.conversation;
  }

  get #lastTitle(): string | undefined {
    return this.chatId === this.#start.chatId ? this.#start.title : undefined;
  }

  async #begin({ chatId, isPrivate }: StartChat): Promise<void> {
    await this.#pipelineChats.load();
    await this.#show(chatId === null ? undefined : (chatId ?? this.#newestChat()), isPrivate ?? false);
    const { log } = this.#services;
    this.#disposables.add(
      this.#pipelineChats.onDidChange(() => {
        this.#follow().catch((error) => log.error('A panel lost its chat.', error));
        this.#push();
        this.#onDidChange.fire();
      }),
    );
    this.#disposables.add(
      this.#services.servers.onDidConnect(() => {
        // Without a connection nothing could be read, nor saved.
        const conversation = this.#open?.conversation;
        if (conversation?.store === this.#services.servers.current?.store) void conversation?.refresh();
      }),
    );
  }

  /** Shows a new chat instead of one that is being deleted. */
  async #leave(ids: ReadonlySet<string>): Promise<void> {
    const { chatId } = this;
    if (chatId === undefined || !ids.has(chatId)) return;
    await this.openChat(null);
    this.#leftChatId = chatId;
  }

  /** Shows a chat again that was shown until it was deleted, unless something else was begun meanwhile. */
  async #comeBack(ids: ReadonlySet<string>): Promise<void> {
    const chatId = this.#leftChatId;
    if (chatId === undefined || !ids.has(chatId)) return;
    const isUntouched = this.#conversation.isEmpty && this.#services.drafts.get(this.#conversation.chatId) === '';
    if (isUntouched && (await this.#services.stores.find(chatId))) await this.openChat(chatId);
  }

  /** The chat that a first open resumes. With saving off none is, so that nothing is added to a saved chat unasked. */
  #newestChat(): string | undefined {
    const { isSaving, list } = this.#pipelineChats;
    const chats = list.filter(({ isArchived }) => !isArchived);
    const times = chats.map(({ updated }) => Date.parse(updated) || 0);
    return isSaving ? chats[times.indexOf(Math.max(...times))]?.chatId : undefined;
  }

  /** Shows a chat that was moved from where it lies now. */
  async #followMoved(ids: ReadonlySet<string>): Promise<void> {
    if (this.chatId !== undefined && ids.has(this.chatId)) await this.#reopen(this.chatId);
  }

  /** Shows the chat from another place when what it was shown from is not in use any more, or it is not there. */
  async #follow(): Promise<void> {
    const { stores } = this.#services;
    const conversation = this.#open?.conversation;
    if (!conversation || conversation.isRunning) return;
    const { chatId, store } = conversation;
    const listed = this.#pipelineChats.storeOf(chatId);
    const isLeft = store ? !stores.has(store) : conversation.isEmpty && !conversation.isPrivate;
    const isElsewhere = listed !== undefined && listed !== store && isLeft;
    if (isElsewhere || (this.#isPresumed && !listed && stores.isServerListed)) await this.#reopen(chatId);
  }

  async #reopen(chatId: string): Promise<void> {
    // At once: the chat is opened from elsewhere only after every view has let go of it.
    this.#close();
    await this.#show(chatId, false);
  }

  #close(): void {
    this.#openDisposables.dispose();
    this.#openDisposables = new DisposableStore();
    this.#open = undefined;
    this.#deltas.clear();
  }

  /** Of two chats asked for in a row, the second stays. Without an id it is a new one. */
  #show(chatId: string | undefined, isPrivate: boolean): Promise<void> {
    return this.#sequencer.run('show', () => this.#showNow(chatId, isPrivate));
  }

  async #showNow(known: string | undefined, isPrivate: boolean): Promise<void> {
    if (known !== undefined && this.chatId === known) return;
    const { conversations, newId, stores } = this.#services;
    const found = known === undefined ? undefined : await stores.findListed(known);
    const chatId = known ?? newId();
    const presumed = found || known === undefined || isPrivate ? undefined : await stores.unlistedStore();
    this.#close();
    this.#isPresumed = presumed !== undefined;
    const open = conversations.open(chatId, { store: found?.store ?? presumed, isPrivate });
    this.#open = open;
    this.#openDisposables.add(open);
    this.#openDisposables.add(open.conversation.onDidChange(() => this.#push()));
    this.#openDisposables.add(open.conversation.onDidStream((text) => this.#deltas.add(text)));
    await Promise.race([open.conversation.refresh(), moment()]);
    this.#push();
    this.#onDidChange.fire();
  }

  #push(): void {
    if (!this.#isPageReady || this.#isPushing) return;
    this.#isPushing = true;
    // Several changes in a row make one snapshot.
    setTimeout(() => {
      this.#isPushing = false;
      if (this.#open) this.#rpc.fire('snapshot', this.#snapshot());
    }, 0);
  }

  #snapshot() {
    // Streamed text that waits to be sent is in the snapshot.
    this.#deltas.clear();
    this.#rev += 1;
    const draft = this.#services.drafts.get(this.#conversation.chatId);
    return viewSnapshot(this.#pipelineChats, this.#conversation, {
      rev: this.#rev,
      draft,
      lastTitle: this.#lastTitle,
      isPresumed: this.#isPresumed,
    });
  }

  #handlers(): Handlers<HostCalls> {
    const { conversations, deletion, drafts, stores } = this.#services;
    const conversationOf = (chatId: string): Conversation => {
      if (this.#conversation.chatId === chatId) return this.#conversation;
      throw new ChatError('not-found', 'The panel shows another chat by now.');
    };
    return {
      ready: async () => {
        await this.started;
        this.#isPageReady = true;
        return this.#snapshot();
      },
      openChat: ({ chatId, isPrivate }) => this.openChat(chatId, isPrivate),
      send: async ({ chatId, text }) => ({ turnId: await this.#send(conversationOf(chatId), text) }),
      stop: async ({ chatId }) => conversations.stop(chatId),
      resolveTurn: ({ chatId, turnId, how }) =>
        conversationOf(chatId).resolve(turnId, how, () => this.#pipelineChats.readAskContext()),
      updateChat: async ({ chatId, patch }) => {
        const found = await stores.find(chatId);
        if (!found) throw new ChatError('not-found', 'This chat is not saved, or was deleted.');
        await found.store.update(chatId, patch);
      },
      deleteChat: async ({ chatId }) => {
        const found = await stores.find(chatId);
        if (found) await deletion.delete([found]);
      },
      loadOlder: ({ chatId }) => conversationOf(chatId).loadOlder(),
      setDraft: ({ chatId, text }) => drafts.set(chatId, text),
      act: ({ action }) => {
        const conversation = this.#conversation;
        const sendDraft = () => this.#send(conversation, drafts.get(conversation.chatId));
        const openNewChat = () => this.openChat(null);
        const target = { pipelineChats: this.#pipelineChats, conversation, sendDraft, openNewChat };
        return runAction(action, { ...this.#services, ...target });
      },
      openLink: ({ href }) => openLink(href),
      copy: async ({ text }) => vscode.env.clipboard.writeText(text),
    };
  }

  async #send(conversation: Conversation, text: string): Promise<string> {
    if (text.trim() === '') throw new ChatError('invalid', 'There is no question to send.');
    // What was said before goes along.
    if (conversation.isLoading) await conversation.refresh();
    return conversation.send(text, await this.#pipelineChats.readAskContext());
  }
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, MOMENT_MS));
}

async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href, true);
  if (!['http', 'https', 'mailto'].includes(uri.scheme)) {
    throw new ChatError('invalid', `Links of the kind "${uri.scheme}:" are not opened from a chat.`);
  }
  await vscode.env.openExternal(uri);
}
