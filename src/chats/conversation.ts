import { ChatError } from '../protocol/chatError.ts';
import type { TurnView } from '../protocol/model.ts';
import { type AskedQuestion, makeQuestion, questionText } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { Sequencer } from '../util/sequencer.ts';
import { type AnswerOptions, type AskContext, answerAsk } from './answerAsk.ts';
import { answerParts } from './answerParts.ts';
import { ChatFile } from './chatFile.ts';
import type { ChatStore } from './chatStore.ts';
import type { TrashedChat } from './chatTrash.ts';
import { OpenAsks } from './openAsks.ts';
import { PartialAnswers } from './partialAnswers.ts';
import { Run, type RunText } from './run.ts';
import type { AskRecord, EndRecord } from './transcriptRecord.ts';
import { CHAT_SCHEMA_VERSION } from './transcriptRecord.ts';
import { type Exchange, exchanges, turnView } from './transcriptView.ts';
import { chatIsGone } from './writeMeta.ts';

const CHECKPOINT_MS = 1000;

export interface ConversationOptions {
  readonly chatId: string;
  /** Where the chat lies; absent for one that is not on disk (yet). */
  readonly store?: ChatStore;
  readonly isPrivate?: boolean;
  readonly now: () => string;
  readonly newId: () => string;
  readonly log: (message: string, cause: unknown) => void;
  /** How long streamed text may be in memory only, in milliseconds. Default 1,000. */
  readonly checkpointMs?: number;
}

export interface StreamedText extends RunText {
  readonly turnId: string;
}

/** One chat while this window has to do with it: the only place where an engine and a store meet. */
export class Conversation implements Disposable {
  readonly chatId: string;
  readonly isPrivate: boolean;
  readonly #options: ConversationOptions;
  readonly #runs = new Map<string, Run>();
  readonly #openAsks = new OpenAsks();
  /** Ends that the disk refused, with its reason: shown, and written again on retry. */
  readonly #unwrittenEnds = new Map<string, { readonly end: EndRecord; readonly error: ChatError }>();
  readonly #sequencer = new Sequencer();
  readonly #file: ChatFile;
  readonly #partials: PartialAnswers;
  #isInTrash = false;
  readonly #onDidChange = new Emitter<void>();
  readonly onDidChange = this.#onDidChange.event;
  readonly #onDidStream = new Emitter<StreamedText>();
  readonly onDidStream = this.#onDidStream.event;

  constructor(options: ConversationOptions) {
    this.chatId = options.chatId;
    this.isPrivate = options.isPrivate ?? false;
    this.#options = options;
    this.#file = new ChatFile(options.chatId, options.store);
    this.#partials = new PartialAnswers({
      chatId: options.chatId,
      pauseMs: options.checkpointMs ?? CHECKPOINT_MS,
      log: options.log,
    });
  }

  /** Where the chat lies; undefined while it is not on disk. */
  get store(): ChatStore | undefined {
    return this.#file.store;
  }

  get isSaved(): boolean {
    return this.store !== undefined;
  }

  get isRunning(): boolean {
    return this.#runs.size > 0;
  }

  /** Deleted, here or in another window. */
  get isGone(): boolean {
    return this.#file.isGone;
  }

  /** Deleted, but it can be restored. */
  get isInTrash(): boolean {
    return this.isGone && this.#isInTrash;
  }

  /** It is on disk and was not read so far. */
  get isLoading(): boolean {
    return this.#file.isLoading;
  }

  /** Why the chat can only be read, when that is so. */
  get problem(): ChatError | undefined {
    return this.#file.problem;
  }

  get hasOlder(): boolean {
    return this.#file.hasOlder;
  }

  get isEmpty(): boolean {
    return this.#file.records.length === 0;
  }

  /** The turns loaded so far, oldest first. */
  get turns(): TurnView[] {
    return exchanges(this.#file.records).map((exchange) => this.#view(exchange));
  }

  /** Brings what is shown up to date with the file: turns of other windows, asks whose writer is gone. */
  refresh(): Promise<void> {
    return this.#sequencer.run('refresh', async () => {
      await this.#file.refresh();
      if (this.#file.isGone) this.stop();
      this.#isInTrash = this.#file.isGone && (await this.#trashed()) !== undefined;
      await this.#lookAtOpenAsks();
      this.#onDidChange.fire();
      await this.#showLife();
      await this.#writeEndsAgain();
    });
  }

  loadOlder(): Promise<void> {
    return this.#sequencer.run('refresh', async () => {
      await this.#file.loadOlder();
      await this.#lookAtOpenAsks();
      this.#onDidChange.fire();
    });
  }

  /** Whether another window is answering in this chat, so that its end has to be looked out for. */
  get isWaitingForOthers(): boolean {
    return this.#openAsks.isWaiting;
  }

  /**
   * Makes the question safe, then has it answered in the background. Resolves with the turn's id when it is safe.
   * Questions sent in a row are answered one after another, each with the answers before it as history.
   */
  send(text: string, context: AskContext, retryOf?: string): Promise<string> {
    return this.#sequencer.run('ask', async () => {
      if (this.isGone) throw chatIsGone();
      if (this.problem) throw this.problem;
      const store = this.#file.store ?? (this.isPrivate ? undefined : context.store);
      await store?.prepare();
      const question = makeQuestion(text, { chatId: this.chatId });
      const ask: AskRecord = {
        type: 'ask',
        schema_version: CHAT_SCHEMA_VERSION,
        created: this.#options.now(),
        id: this.#options.newId(),
        writer: { id: store?.writer.id ?? this.#options.newId() },
        question,
        ...(retryOf === undefined ? {} : { retry_of: retryOf }),
      };
      const run = new Run();
      this.#runs.set(ask.id, run);
      try {
        if (store && !this.isSaved) await this.#file.save(store, context.pipelineId, [ask]);
        else await this.#file.append(ask);
      } catch (error) {
        this.#runs.delete(ask.id);
        throw error;
      }
      this.#onDidChange.fire();
      void this.#sequencer.run('answer', () => this.#answer({ ask, question, run, context }));
      return ask.id;
    });
  }

  /** Ends what is being answered here; what had arrived is kept. */
  stop(): void {
    for (const run of this.#runs.values()) run.abort();
  }

  /** What becomes of a turn without an answer. `context` is asked for when a question is sent again. */
  async resolve(turnId: string, how: 'retry' | 'keep' | 'discard', context: () => Promise<AskContext>): Promise<void> {
    const exchange = exchanges(this.#file.records).find(({ id }) => id === turnId);
    if (!exchange) throw new ChatError('not-found', 'This turn is not in the chat any more.');
    if (this.#runs.has(turnId)) throw new ChatError('invalid', 'This turn is being answered. Stop it first.');
    if (this.problem) throw this.problem;
    const unwritten = this.#unwrittenEnds.get(turnId);
    const question = exchange.ask?.question ?? (exchange.end?.type === 'turn' ? exchange.end.question : undefined);
    if (unwritten && question && how !== 'discard') return this.#writeEnd(question, unwritten.end);
    this.#unwrittenEnds.delete(turnId);
    if (how === 'retry' && question) {
      await this.send(questionText(question), await context(), turnId);
      if (this.store) await this.#partials.ended(this.store, turnId);
      return;
    }
    const cancel: EndRecord = {
      type: 'cancel',
      schema_version: CHAT_SCHEMA_VERSION,
      created: this.#options.now(),
      id: turnId,
      ...(how === 'discard' ? { is_discarded: true } : { answer: this.#openAsks.answer(turnId) }),
    };
    await this.#file.appendEnd(question ?? makeQuestion('', { chatId: this.chatId }), () => cancel);
    if (this.store) await this.#partials.ended(this.store, turnId);
    this.#onDidChange.fire();
  }

  /** Puts a chat that was not saved so far on disk, with the turns it has. */
  async save(store: ChatStore, pipelineId: string): Promise<void> {
    await this.#sequencer.run('ask', async () => {
      if (this.isSaved || this.isEmpty || this.isPrivate) return;
      await store.prepare();
      await this.#file.save(store, pipelineId, []);
      this.#onDidChange.fire();
    });
  }

  /** Takes the chat back out of the trash. @throws ChatError `not-found` when it is not there any more. */
  async restore(): Promise<void> {
    const trashed = await this.#trashed();
    await this.store?.trash.restore(trashed?.name ?? this.chatId);
    await this.refresh();
  }

  dispose(): void {
    this.stop();
    this.#partials.dispose();
    this.#onDidChange.dispose();
    this.#onDidStream.dispose();
  }

  async #trashed(): Promise<TrashedChat | undefined> {
    return this.store?.trash.find(this.chatId);
  }

  async #answer({
    ask,
    question,
    run,
    context,
  }: Pick<AnswerOptions, 'ask' | 'question' | 'run' | 'context'>): Promise<void> {
    const asked = exchanges(this.#file.records);
    const place = asked.findIndex(({ id }) => id === ask.id);
    const before = place < 0 ? asked : asked.slice(0, place);
    const end = await answerAsk({
      now: this.#options.now,
      log: this.#options.log,
      ask,
      question,
      run,
      context,
      before,
      onStream: (streamed) => {
        this.#onDidStream.fire({ turnId: ask.id, ...streamed });
        if (this.store) this.#partials.grew(this.store, ask.id, () => run.partialAnswer());
      },
    });
    await this.#writeEnd(ask.question, end);
  }

  async #writeEnd(question: AskedQuestion, end: EndRecord): Promise<void> {
    const id = end.id ?? '';
    try {
      await this.#file.appendEnd(question, (seq) => (end.type === 'turn' ? { ...end, seq } : end));
      this.#unwrittenEnds.delete(id);
      if (this.store) await this.#partials.ended(this.store, id, { isOurs: true });
    } catch (error) {
      const shown = ChatError.from(error);
      if (shown.code !== 'not-found') this.#unwrittenEnds.set(id, { end, error: shown });
    }
    this.#runs.delete(id);
    this.#onDidChange.fire();
  }

  /** On a server the lock by which others see that this window lives ends with the connection. */
  async #showLife(): Promise<void> {
    if (!this.isRunning) return;
    await this.store?.writer
      .hold()
      .catch((error) => this.#options.log('Others may take an answer for given up.', error));
  }

  /** Saves what could not be saved because there was no connection. */
  async #writeEndsAgain(): Promise<void> {
    for (const [id, { end, error }] of this.#unwrittenEnds) {
      const question = exchanges(this.#file.records).find((exchange) => exchange.id === id)?.ask?.question;
      if (question && error.code === 'server-offline') await this.#writeEnd(question, end);
    }
  }

  async #lookAtOpenAsks(): Promise<void> {
    if (!this.store) return;
    const open = exchanges(this.#file.records).flatMap(({ id, ask, end }) =>
      ask && !end && !this.#runs.has(id) ? [ask] : [],
    );
    await this.#openAsks.look(open, this.store, this.#partials);
  }

  #view(exchange: Exchange): TurnView {
    const run = this.#runs.get(exchange.id);
    if (run) return { ...turnView(exchange, 'running'), ...run.view() };
    const unwritten = exchange.end ? undefined : this.#unwrittenEnds.get(exchange.id);
    if (unwritten) {
      const message = `The answer came but could not be saved. ${unwritten.error.message} Retry saves it.`;
      const shown = turnView({ ...exchange, end: unwritten.end }, 'running');
      return { ...shown, state: 'failed', error: { code: unwritten.error.code, message } };
    }
    const shown = turnView(exchange, this.#openAsks.state(exchange.id));
    const kept = exchange.end ? undefined : this.#openAsks.answer(exchange.id);
    return kept ? { ...shown, parts: answerParts(kept) } : shown;
  }
}
