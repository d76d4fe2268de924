import * as vscode from 'vscode';
import type { AskContext } from '../chats/answerAsk.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import type { Engine } from '../engine/engine.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatSummary } from '../protocol/model.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { orphanGroups } from './chatOrphans.ts';
import type { ChatStores } from './chatStores.ts';
import { chatSummary, inListOrder } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import type { PipelineFile } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import { onDidChangeSettings, readSettings, type Settings } from './settings.ts';
import type { OtherPlace } from './viewNotices.ts';

export interface PipelineChatsServices {
  readonly stores: ChatStores;
  readonly conversations: Conversations;
  readonly index: PipelineIndex;
  readonly engine: Engine;
}

/** The chats of one pipeline, and the rules under which it can be asked. */
export class PipelineChats implements Disposable {
  readonly file: PipelineFile;
  readonly #services: PipelineChatsServices;
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  #store: ChatStore | undefined;
  #list: readonly ChatSummary[] = [];
  #problems: readonly ChatError[] = [];
  #otherPlaces: readonly OtherPlace[] = [];
  #sharedWith: readonly string[] = [];
  #orphanCount = 0;

  constructor(file: PipelineFile, services: PipelineChatsServices) {
    this.file = file;
    this.#services = services;
  }

  /** Reads the pipeline and its list, and keeps both up to date from then on. */
  async load(): Promise<void> {
    await this.file.load();
    this.#store = await this.#services.stores.forPipeline(this.file.uri);
    await this.refresh();
    const { stores, conversations, index } = this.#services;
    // A list that waits for another window itself would say so too late.
    this.#disposables.add(stores.onDidChange(() => this.isWaiting && this.#onDidChange.fire()));
    for (const event of [stores.onDidChange, conversations.onDidChange, index.onDidChange, this.file.onDidChange]) {
      this.#disposables.add(event(() => void this.refresh()));
    }
    this.#disposables.add(onDidChangeSettings(() => this.#onDidChange.fire()));
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#onDidChange.fire()));
  }

  async refresh(): Promise<void> {
    const { chats, problems } = await this.#services.stores.list();
    const ours = chats.filter(
      ({ entry, store }) => entry.pipeline_id === this.file.key && (this.hasId || store === this.#store),
    );
    const elsewhere = ours.flatMap(({ store }) => (store === this.#store ? [] : [store]));
    this.#otherPlaces = [...Map.groupBy(elsewhere, (store) => store)].map(([store, { length }]) => ({
      place: this.#services.stores.placeOf(store),
      chatCount: length,
    }));
    this.#list = ours
      .map(({ entry }) => chatSummary(entry, this.#services.conversations.isRunning(entry.guid)))
      .sort(inListOrder);
    this.#problems = problems;
    const files = await this.#services.index.filesOf(this.file.key);
    this.#sharedWith = files
      .filter((uri) => uri.toString() !== this.file.uri.toString())
      .map((uri) => vscode.workspace.asRelativePath(uri, false));
    const known = await this.#services.index.byKey();
    // An index without this file says nothing of the others.
    const here = known.has(this.file.key) ? chats.filter(({ store }) => store === this.#store) : [];
    this.#orphanCount = orphanGroups(here, known).reduce((sum, group) => sum + group.chats.length, 0);
    this.#onDidChange.fire();
  }

  /** Whether the pipeline has an id; a path is one only within its own folder. */
  get hasId(): boolean {
    return this.file.pipeline?.projectId !== undefined;
  }

  /** Pinned chats first, then the newest. */
  get list(): readonly ChatSummary[] {
    return this.#list;
  }

  /** Why some chats may be missing from the list. */
  get problems(): readonly ChatError[] {
    return this.#problems;
  }

  /** Whether another window keeps a change of these chats waiting. */
  get isWaiting(): boolean {
    return this.#store?.isWaiting ?? false;
  }

  /** Where some of the chats lie that are not where new ones go. */
  get otherPlaces(): readonly OtherPlace[] {
    return this.#otherPlaces;
  }

  /** Other pipeline files with the same id, relative to the workspace. */
  get sharedWith(): readonly string[] {
    return this.#sharedWith;
  }

  /** Chats in the same place whose pipeline is not in this window; 0 when this one has chats of its own. */
  get orphanCount(): number {
    return this.#list.length > 0 ? 0 : this.#orphanCount;
  }

  get settings(): Settings {
    return readSettings(this.file.uri);
  }

  /** Whether new chats are saved: the pipeline decides, and the setting where it says nothing. */
  get isSaving(): boolean {
    return this.file.persistSessions ?? this.settings.persistSessions;
  }

  /** Where the chats of this pipeline lie. */
  get store(): ChatStore {
    if (!this.#store) throw new ChatError('invalid', 'The panel is still starting. Try again in a moment.');
    return this.#store;
  }

  /** Whom a question goes to, as the pipeline is on disk now. @throws ChatError saying why it can't be asked. */
  async readAskContext(): Promise<AskContext> {
    await this.file.load();
    return this.#askContext();
  }

  #askContext(): AskContext {
    if (!vscode.workspace.isTrusted) {
      throw new ChatError('untrusted', 'Questions are sent only in a trusted workspace. Trust it to go on.');
    }
    if (this.file.isDirty) {
      throw new ChatError('pipeline-unsaved', 'The pipeline has unsaved changes. Save it, then send.');
    }
    const { pipeline, source } = this.file.require();
    const { engine } = this.#services;
    engine.check(pipeline, source.id);
    return {
      engine,
      pipeline,
      sourceId: source.id,
      pipelineId: this.file.key,
      pipelineUri: this.file.uri.toString(),
      store: this.isSaving ? this.store : undefined,
      historyMessages: this.settings.historyMessages,
    };
  }

  /** Why the pipeline can't be asked, unsaved changes aside: the composer deals with those. */
  cannotSend(): ChatError | undefined {
    try {
      this.#askContext();
      return undefined;
    } catch (error) {
      const problem = ChatError.from(error);
      return problem.code === 'pipeline-unsaved' ? undefined : problem;
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}
