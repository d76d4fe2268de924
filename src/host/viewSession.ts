import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import type { AskContext, Conversation, StreamedText } from '../chats/conversation.ts';
import type { Engine } from '../engine/engine.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type HostCalls, hostCalls, type ViewEvents, viewEvents } from '../protocol/contract.ts';
import type { ActionId, ChatSummary, ViewSnapshot } from '../protocol/model.ts';
import { type Handlers, HostRpc, type Port } from '../protocol/rpc.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ChatStores } from './chatStores.ts';
import { byUpdated, chatSummary, titleFrom } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import { DeltaBuffer } from './deltaBuffer.ts';
import type { Drafts } from './drafts.ts';
import type { ModelKeys } from './modelKeys.ts';
import type { PipelineFile } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import { onDidChangeSettings, openSettings, readSettings } from './settings.ts';
import { viewNotices } from './viewNotices.ts';

/** The chat that a view starts with; without an id, the newest. */
export interface StartChat {
  readonly chatId?: string | null | undefined;
  readonly isPrivate?: boolean | undefined;
}

/** What all views of a window share. */
export interface ViewServices {
  readonly stores: ChatStores;
  readonly conversations: Conversations;
  readonly engine: Engine;
  readonly drafts: Drafts;
  readonly keys: ModelKeys;
  readonly index: PipelineIndex;
  readonly log: vscode.LogOutputChannel;
  readonly newId: () => string;
}

/** The host's half of one panel: which chat it shows, and what its page may do. */
export class ViewSession implements Disposable {
  readonly #file: PipelineFile;
  readonly #services: ViewServices;
  readonly #disposables = new DisposableStore();
  readonly #sequencer = new Sequencer();
  readonly #rpc: HostRpc<HostCalls, ViewEvents>;
  readonly #deltas: DeltaBuffer;
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  /** The chat shown, or its title, changed. */
  readonly onDidChange = this.#onDidChange.event;
  #open: ({ readonly conversation: Conversation } & Disposable) | undefined;
  #openDisposables = new DisposableStore();
  #store: ChatStore | undefined;
  #chats: readonly ChatSummary[] = [];
  #listProblems: readonly ChatError[] = [];
  #sharedWith: readonly vscode.Uri[] = [];
  #rev = 0;
  #isPageReady = false;
  #isPushing = false;
  #started: Promise<void>;

  constructor(options: { port: Port; file: PipelineFile; services: ViewServices; start: StartChat }) {
    this.#file = options.file;
    this.#services = options.services;
    this.#rpc = this.#disposables.add(
      new HostRpc(options.port, { calls: hostCalls, events: viewEvents }, this.#handlers(), (problem, cause) =>
        this.#services.log.error(problem, cause),
      ),
    );
    this.#deltas = this.#disposables.add(
      new DeltaBuffer((delta) => this.#rpc.fire('delta', { chatId: this.#conversation.chatId, ...delta })),
    );
    this.#started = this.#start(options.start);
  }

  get pipelineUri(): vscode.Uri {
    return this.#file.uri;
  }

  get chatId(): string | undefined {
    return this.#open?.conversation.chatId;
  }

  get title(): string {
    return this.#open ? this.#chatTitle() : this.#file.name;
  }

  /** Resolves once the view knows its pipeline, its list and its chat. */
  get started(): Promise<void> {
    return this.#started;
  }

  /** Shows a chat; `null` a new one. */
  async openChat(chatId: string | null, isPrivate = false): Promise<void> {
    await this.#started;
    await this.#show(chatId ?? this.#services.newId(), isPrivate);
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

  async #start({ chatId, isPrivate }: StartChat): Promise<void> {
    await this.#file.load();
    this.#store = await this.#services.stores.forPipeline(this.#file.uri);
    await this.#refreshList();
    await this.#show(chatId ?? this.#newestChat() ?? this.#services.newId(), isPrivate ?? false);
    const { stores, conversations, index } = this.#services;
    this.#disposables.add(stores.onDidChange(() => void this.#refreshList()));
    this.#disposables.add(conversations.onDidChange(() => void this.#refreshList()));
    this.#disposables.add(index.onDidChange(() => void this.#refreshList()));
    this.#disposables.add(this.#file.onDidChange(() => void this.#refreshList()));
    this.#disposables.add(onDidChangeSettings(() => this.#push()));
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#push()));
  }

  /** The chat that a first open resumes. With saving off nothing is resumed, so that nothing is added to a saved chat. */
  #newestChat(): string | undefined {
    return this.#isSaving ? this.#chats[0]?.chatId : undefined;
  }

  /** Of two chats asked for in a row, the second stays. */
  #show(chatId: string, isPrivate: boolean): Promise<void> {
    return this.#sequencer.run('show', () => this.#showNow(chatId, isPrivate));
  }

  async #showNow(chatId: string, isPrivate: boolean): Promise<void> {
    if (this.#open?.conversation.chatId === chatId) return;
    const found = await this.#services.stores.find(chatId);
    this.#openDisposables.dispose();
    this.#openDisposables = new DisposableStore();
    this.#deltas.clear();
    const open = this.#services.conversations.open(chatId, { store: found?.store, isPrivate });
    this.#open = open;
    this.#openDisposables.add(open);
    this.#openDisposables.add(open.conversation.onDidChange(() => this.#push()));
    this.#openDisposables.add(open.conversation.onDidStream((text: StreamedText) => this.#deltas.add(text)));
    await open.conversation.refresh();
    this.#push();
    this.#onDidChange.fire();
  }

  async #refreshList(): Promise<void> {
    const { chats, problems } = await this.#services.stores.list();
    this.#chats = chats
      .filter(({ entry }) => entry.pipeline_id === this.#file.key)
      .map(({ entry }) => chatSummary(entry, this.#services.conversations.isRunning(entry.guid)))
      .sort(byUpdated);
    this.#listProblems = problems;
    const files = await this.#services.index.filesOf(this.#file.key);
    this.#sharedWith = files.filter((uri) => uri.toString() !== this.#file.uri.toString());
    this.#push();
    this.#onDidChange.fire();
  }

  get #settings() {
    return readSettings(this.#file.uri);
  }

  get #isSaving(): boolean {
    return this.#file.persistSessions ?? this.#settings.persistSessions;
  }

  /** @throws ChatError saying why the pipeline can't be asked. */
  #askContext(): AskContext {
    if (!vscode.workspace.isTrusted) {
      throw new ChatError('untrusted', 'Questions are sent only in a trusted workspace. Trust it to go on.');
    }
    if (this.#file.isDirty) {
      throw new ChatError('pipeline-unsaved', 'The pipeline has unsaved changes. Save it, then send.');
    }
    const { pipeline, source } = this.#file.require();
    this.#services.engine.check(pipeline, source.id);
    return {
      pipeline,
      sourceId: source.id,
      pipelineId: this.#file.key,
      store: this.#isSaving ? this.#store : undefined,
      historyMessages: this.#settings.historyMessages,
    };
  }

  /** Why the pipeline can't be asked, unsaved changes aside (the composer deals with those). */
  #cannotSend(): ChatError | undefined {
    try {
      this.#askContext();
      return undefined;
    } catch (error) {
      const problem = ChatError.from(error);
      return problem.code === 'pipeline-unsaved' ? undefined : problem;
    }
  }

  #push(): void {
    if (!this.#isPageReady || this.#isPushing) return;
    this.#isPushing = true;
    // Several changes in a row make one snapshot.
    setTimeout(() => {
      this.#isPushing = false;
      if (!this.#open) return;
      this.#deltas.clear();
      this.#rpc.fire('snapshot', this.#snapshot());
    }, 0);
  }

  #snapshot(): ViewSnapshot {
    const { pipeline } = this.#file;
    const settings = this.#settings;
    const conversation = this.#conversation;
    const cannotSend = this.#cannotSend();
    this.#rev += 1;
    return {
      rev: this.#rev,
      pipeline: {
        name: this.#file.name,
        path: this.#file.relativePath,
        model: pipeline && this.#file.model,
        canSend: cannotSend === undefined,
        isDirty: this.#file.isDirty,
        examples: this.#file.examples,
      },
      isSaving: this.#isSaving,
      chats: [...this.#chats],
      chat: {
        chatId: conversation.chatId,
        title: this.#chatTitle(),
        isSaved: conversation.isSaved,
        isPrivate: conversation.isPrivate,
        isReadOnly: conversation.problem !== undefined || conversation.isGone,
        turns: conversation.turns,
        hasOlder: conversation.hasOlder,
        draft: this.#services.drafts.get(conversation.chatId),
      },
      notices: viewNotices({
        cannotSend,
        conversation,
        listProblems: this.#listProblems,
        isSaving: this.#isSaving,
        isDirty: this.#file.isDirty,
        hasProjectId: pipeline?.projectId !== undefined,
        sharedWith: this.#sharedWith.map((uri) => vscode.workspace.asRelativePath(uri, false)),
        settingProblems: settings.problems,
      }),
      deleteArmedSeconds: settings.deleteArmedSeconds,
    };
  }

  #chatTitle(): string {
    const conversation = this.#conversation;
    const listed = this.#chats.find(({ chatId }) => chatId === conversation.chatId);
    return listed?.title ?? (titleFrom(conversation.turns[0]?.question ?? '') || vscode.l10n.t('New Chat'));
  }

  #handlers(): Handlers<HostCalls> {
    const conversationOf = (chatId: string): Conversation => {
      if (this.#conversation.chatId === chatId) return this.#conversation;
      throw new ChatError('not-found', 'The panel shows another chat by now.');
    };
    return {
      ready: async () => {
        await this.#started;
        this.#isPageReady = true;
        this.#deltas.clear();
        return this.#snapshot();
      },
      openChat: ({ chatId, isPrivate }) => this.openChat(chatId, isPrivate),
      send: async ({ chatId, text }) => ({ turnId: await this.#send(conversationOf(chatId), text) }),
      stop: async ({ chatId }) => this.#services.conversations.stop(chatId),
      resolveTurn: ({ chatId, turnId, how }) => conversationOf(chatId).resolve(turnId, how, () => this.#askContext()),
      updateChat: async ({ chatId, patch }) => {
        const found = await this.#services.stores.find(chatId);
        if (!found) throw new ChatError('not-found', 'This chat is not saved, or was deleted.');
        if (patch.title !== undefined) await found.store.rename(chatId, patch.title);
      },
      deleteChat: async ({ chatId }) => {
        this.#services.conversations.stop(chatId);
        const found = await this.#services.stores.find(chatId);
        await found?.store.delete(chatId);
        await this.#services.drafts.set(chatId, '');
        if (this.#conversation.chatId === chatId) await this.openChat(null);
      },
      loadOlder: ({ chatId }) => conversationOf(chatId).loadOlder(),
      setDraft: ({ chatId, text }) => this.#services.drafts.set(chatId, text),
      act: ({ action }) => this.#act(action),
      openLink: async ({ href }) => {
        const uri = vscode.Uri.parse(href, true);
        if (!['http', 'https', 'mailto'].includes(uri.scheme)) {
          throw new ChatError('invalid', `Links of the kind "${uri.scheme}:" are not opened from a chat.`);
        }
        await vscode.env.openExternal(uri);
      },
      copy: async ({ text }) => vscode.env.clipboard.writeText(text),
    };
  }

  async #send(conversation: Conversation, text: string): Promise<string> {
    if (text.trim() === '') throw new ChatError('invalid', 'There is no question to send.');
    return conversation.send(text, this.#askContext());
  }

  async #act(action: ActionId): Promise<void> {
    switch (action) {
      case 'save-and-send': {
        const conversation = this.#conversation;
        await this.#file.save();
        await this.#send(conversation, this.#services.drafts.get(conversation.chatId));
        return;
      }
      case 'enable-saving':
        await this.#file.enableSaving();
        if (this.#store) await this.#conversation.save(this.#store, this.#file.key);
        return;
      case 'open-pipeline':
        await vscode.commands.executeCommand('vscode.openWith', this.#file.uri, 'default');
        return;
      case 'choose-source': {
        const picked = await vscode.window.showQuickPick(
          this.#file.sources.map(({ id, name }) => ({ label: name || id, description: id, id })),
          { title: vscode.l10n.t('Which chat source of {0} do you want to ask?', this.#file.name) },
        );
        if (picked) await this.#file.rememberSource(picked.id);
        return;
      }
      case 'add-project-id':
        await this.#file.addProjectId(this.#services.newId());
        return;
      case 'set-secret':
        await this.#services.keys.ask(this.#file.keyName);
        return;
      case 'open-settings':
        await openSettings();
        return;
      case 'show-log':
        this.#services.log.show();
        return;
      case 'reload':
        await this.#file.load();
        await this.#conversation.refresh();
        return;
    }
  }
}
