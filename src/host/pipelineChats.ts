import * as vscode from 'vscode';
import type { AskContext } from '../chats/answerAsk.ts';
import type { ChatStore } from '../chats/chatStore.ts';
import type { Conversation } from '../chats/conversation.ts';
import type { Engine, PipelineRuns } from '../engine/engine.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatSummary } from '../protocol/model.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { orphanGroups } from './chatOrphans.ts';
import type { ChatStores } from './chatStores.ts';
import { chatSummary, inListOrder } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import type { KnownServerChats } from './knownServerChats.ts';
import type { PipelineFile } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import { serverName } from './serverNames.ts';
import type { ServerFacts } from './serverNotices.ts';
import type { Servers } from './servers.ts';
import { onDidChangeSettings, readSettings, type Settings } from './settings.ts';
import type { OtherPlace } from './viewNotices.ts';

export interface PipelineChatsServices {
  readonly stores: ChatStores;
  readonly conversations: Conversations;
  readonly index: PipelineIndex;
  readonly engine: Engine;
  readonly servers: Servers;
  readonly known: KnownServerChats;
}

/** How long a question waits for a server that is being connected, in milliseconds. */
const CONNECT_LIMIT_MS = 20_000;

/** The chats of one pipeline, and the rules under which it can be asked. */
export class PipelineChats implements Disposable {
  readonly file: PipelineFile;
  readonly #services: PipelineChatsServices;
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  #store: ChatStore | undefined;
  /** Why there is no place for chats, when that is so. */
  #storeProblem: ChatError | undefined;
  #serverProblem: ChatError | undefined;
  #watchedRuns: { readonly runs: PipelineRuns; readonly subscription: Disposable } | undefined;
  #list: readonly ChatSummary[] = [];
  #stores: ReadonlyMap<string, ChatStore> = new Map();
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
    await this.refresh();
    const { stores, conversations, index, servers } = this.#services;
    // A list that waits for another window itself would say so too late.
    this.#disposables.add(stores.onDidChange(() => this.isWaiting && this.#onDidChange.fire()));
    for (const event of [stores.onDidChange, conversations.onDidChange, index.onDidChange, this.file.onDidChange]) {
      this.#disposables.add(event(() => void this.refresh()));
    }
    this.#disposables.add(onDidChangeSettings(() => void this.refresh()));
    this.#disposables.add(
      servers.onDidChange(() => {
        this.#watchRuns();
        this.#onDidChange.fire();
      }),
    );
    this.#watchRuns();
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#onDidChange.fire()));
  }

  async refresh(): Promise<void> {
    await this.#findStore();
    const { chats, problems, serverProblem } = await this.#services.stores.list();
    const ours = chats.filter(
      ({ entry, store }) => entry.pipeline_id === this.file.key && (this.hasId || store === this.#store),
    );
    const elsewhere = ours.flatMap(({ store }) => (store === this.#store ? [] : [store]));
    this.#otherPlaces = [
      ...[...Map.groupBy(elsewhere, (store) => store)].map(([store, { length }]) => ({
        place: this.#services.stores.placeOf(store),
        chatCount: length,
        isListed: true,
      })),
      ...this.#onOtherServers(),
    ];
    this.#stores = new Map(ours.map(({ entry, store }) => [entry.guid, store]));
    this.#list = ours
      .map(({ entry, store }) => {
        const place = store === this.#store ? undefined : this.#services.stores.placeOf(store);
        return chatSummary(entry, this.#services.conversations.isRunning(entry.guid), place);
      })
      .sort(inListOrder);
    this.#problems = problems;
    this.#serverProblem = serverProblem;
    const files = await this.#services.index.filesOf(this.file.key);
    this.#sharedWith = files
      .filter((uri) => uri.toString() !== this.file.uri.toString())
      .map((uri) => vscode.workspace.asRelativePath(uri, false));
    const known = await this.#services.index.byKey();
    // An index without this file says nothing of the others; elsewhere there are chats of other workspaces as well.
    const isBeside = this.#store !== undefined && this.#services.stores.kindOf(this.#store) === 'workspace';
    const here = isBeside && known.has(this.file.key) ? chats.filter(({ store }) => store === this.#store) : [];
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

  /** Where a chat of the list lies. */
  storeOf(chatId: string): ChatStore | undefined {
    return this.#stores.get(chatId);
  }

  /** Where a chat is kept that was opened before the settings named other places; undefined otherwise. */
  leftPlaceOf({ store }: Pick<Conversation, 'store'>): string | undefined {
    return store && !this.#services.stores.has(store) ? store.files.location : undefined;
  }

  /** Why some chats may be missing from the list. */
  get problems(): readonly ChatError[] {
    return this.#problems;
  }

  /** Why the chats of the server are not in the list; undefined when they are, or when there are none to be. */
  get unlisted(): 'coming' | 'unavailable' | undefined {
    return this.#services.stores.unlisted;
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
    return (this.file.persistSessions ?? this.settings.persistSessions) && !this.#isStoreForbidden;
  }

  /** Where new chats of this pipeline are kept. @throws ChatError when that is a server that is not contacted. */
  get store(): ChatStore {
    if (this.#store) return this.#store;
    throw this.#storeProblem ?? new ChatError('invalid', 'The panel is still starting. Try again in a moment.');
  }

  /** How things stand with the server, for a pipeline that has to do with one. */
  get server(): ServerFacts | undefined {
    const { servers } = this.#services;
    const { engine, place } = this.settings;
    if (engine !== 'server' && place !== 'server') return undefined;
    return {
      status: servers.status,
      isEngine: engine === 'server',
      isSlow: servers.isSlow,
      listProblem: this.#serverProblem,
      isStoreForbidden: this.#isStoreForbidden,
      isOutdated: this.isOutdated,
    };
  }

  /** The server runs another version of the pipeline than the one on disk. */
  get isOutdated(): boolean {
    const run = this.#run;
    return run?.runs.isOutdated(run.target) ?? false;
  }

  /** Has the server run the version that is on disk. */
  async restart(signal: AbortSignal): Promise<void> {
    const run = this.#run;
    await run?.runs.restart(run.target, signal);
  }

  /** Lets the server go on with the version that it runs. */
  keepRunning(): void {
    const run = this.#run;
    run?.runs.keep(run.target);
  }

  /** Whom a question goes to, as the pipeline is on disk now. @throws ChatError saying why it can't be asked. */
  async readAskContext(): Promise<AskContext> {
    await this.file.load();
    const { servers } = this.#services;
    const { engine, place } = this.settings;
    if (vscode.workspace.isTrusted && (engine === 'server' || place === 'server')) {
      await servers.open();
      // What the key allows is known then.
      await servers.settled(CONNECT_LIMIT_MS);
      await this.#findStore();
    }
    const { engine: answers, pipeline, source } = this.#check();
    if (!answers) throw new ChatError('server-offline', 'The server is not connected yet. Try again in a moment.');
    return {
      engine: answers,
      pipeline,
      sourceId: source.id,
      pipelineId: this.file.key,
      pipelineUri: this.file.uri.toString(),
      store: this.isSaving ? this.store : undefined,
      historyMessages: this.settings.historyMessages,
    };
  }

  /** The engine of the settings. @throws ChatError when that is a server that is not to be asked. */
  #engine(): Engine | undefined {
    const { servers, engine } = this.#services;
    if (this.settings.engine === 'embedded') return engine;
    const { status } = servers;
    if (status.kind === 'unnamed' || status.kind === 'insecure' || status.kind === 'refused') {
      throw ChatError.fromShape(status.error);
    }
    return servers.current?.server.engine;
  }

  /** @throws ChatError saying why the pipeline can't be asked. */
  #check() {
    if (!vscode.workspace.isTrusted) {
      throw new ChatError('untrusted', 'Questions are sent only in a trusted workspace. Trust it to go on.');
    }
    if (this.file.isDirty) {
      throw new ChatError('pipeline-unsaved', 'The pipeline has unsaved changes. Save it, then send.');
    }
    const { pipeline, source } = this.file.require();
    const engine = this.#engine();
    engine?.check(pipeline, source.id);
    if (this.isSaving && this.#storeProblem) throw this.#storeProblem;
    return { engine, pipeline, source };
  }

  /** Why the pipeline can't be asked, unsaved changes aside: the composer deals with those. */
  cannotSend(): ChatError | undefined {
    try {
      this.#check();
      return undefined;
    } catch (error) {
      const problem = ChatError.from(error);
      return problem.code === 'pipeline-unsaved' ? undefined : problem;
    }
  }

  dispose(): void {
    this.#watchedRuns?.subscription.dispose();
    this.#disposables.dispose();
  }

  /** The key does not allow to keep chats where they are to be kept. */
  get #isStoreForbidden(): boolean {
    const { status } = this.#services.servers;
    return this.settings.place === 'server' && status.kind === 'ready' && !status.canStore;
  }

  /** What the server runs of this pipeline; undefined when it is not asked there. */
  get #run() {
    const runs = this.#services.servers.current?.server.engine.runs;
    const { source, pipeline } = this.file;
    return runs && source && pipeline && this.settings.engine === 'server'
      ? { runs, target: { pipeline, pipelineUri: this.file.uri.toString(), sourceId: source.id } }
      : undefined;
  }

  #watchRuns(): void {
    const runs = this.#services.servers.current?.server.engine.runs;
    if (this.#watchedRuns?.runs === runs) return;
    this.#watchedRuns?.subscription.dispose();
    this.#watchedRuns = runs && { runs, subscription: runs.onDidChange(() => this.#onDidChange.fire()) };
  }

  async #findStore(): Promise<void> {
    try {
      this.#store = await this.#services.stores.forPipeline(this.file.uri);
      this.#storeProblem = undefined;
    } catch (error) {
      this.#store = undefined;
      this.#storeProblem = ChatError.from(error);
    }
  }

  /** What was there last on servers that are not asked now. */
  #onOtherServers(): OtherPlace[] {
    const { servers, known } = this.#services;
    const inUse = servers.isWanted ? servers.url : undefined;
    const found = this.hasId ? known.withChatsOf(this.file.key, inUse) : [];
    return found.map(({ url, count }) => ({ place: serverName(url), chatCount: count, isListed: false }));
  }
}
