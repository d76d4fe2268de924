import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Conversation } from '../../src/chats/conversation.ts';
import { ChatError } from '../../src/protocol/chatError.ts';
import { questionText } from '../../src/protocol/question.ts';
import { type TestWindow, until } from '../support/chatFixture.ts';
import type { Random } from './random.ts';
import type { TortureEventKind } from './tortureEvent.ts';
import type { Deed } from './workerJob.ts';

const MOST_LOOKS = 10;
const UNSURE: ReadonlySet<string | undefined> = new Set([undefined, 'elsewhere', 'interrupted']);

/** What a user does, by the ways that the extension takes, with every step told. */
export class WorkerDeeds {
  readonly #window: TestWindow;
  readonly #random: Random;
  readonly #name: string;
  readonly #tell: (event: TortureEventKind) => void;
  readonly #open = new Map<string, Conversation>();
  readonly #own: string[] = [];
  readonly #deleted: string[] = [];
  #count = 0;

  constructor(options: { window: TestWindow; random: Random; name: string; tell: (event: TortureEventKind) => void }) {
    this.#window = options.window;
    this.#random = options.random;
    this.#name = options.name;
    this.#tell = options.tell;
    void this.#answer();
  }

  async perform(deed: Deed, shared: string | undefined): Promise<void> {
    const chat = this.#chatFor(deed, shared);
    if (chat === undefined) return;
    try {
      if (deed === 'check') await this.#window.store.check();
      else if (deed === 'create') await this.#create(chat);
      else if (deed === 'send') await this.#send(await this.#conversation(chat));
      else if (deed === 'rename' || deed === 'renameOwn') await this.#rename(chat);
      else if (deed === 'restoreOwn') await this.#restore(chat);
      else if (deed === 'look') await this.#look(chat);
      else await this.#delete(chat);
    } catch (error) {
      const { code, message, cause } = ChatError.from(error);
      this.#tell({ event: 'refused', chat, code, message: code === 'internal' ? String(cause) : message });
    }
  }

  #chatFor(deed: Deed, shared: string | undefined): string | undefined {
    if (deed === 'create') return randomUUID();
    if (deed === 'restoreOwn') return this.#random.pick(this.#deleted);
    return deed.endsWith('Own') ? this.#random.pick(this.#own) : shared;
  }

  async #create(chat: string): Promise<void> {
    this.#tell({ event: 'creating', chat });
    const conversation = this.#window.open(chat);
    await this.#send(conversation, () => this.#tell({ event: 'created', chat }));
    conversation.dispose();
    this.#own.push(chat);
  }

  async #send(conversation: Conversation, onAsked: () => void = () => undefined): Promise<void> {
    const chat = conversation.chatId;
    const text = this.#text();
    const id = await conversation.send(text, this.#window.context({ historyMessages: 2 }));
    onAsked();
    this.#tell({ event: 'asked', chat, id, text });
    await until(conversation, () => !conversation.isRunning);
    const sent = () => conversation.turns.find((one) => one.id === id);
    // With the connection gone at that moment it is seen with one of the next looks that the answer is saved.
    const isUnsure = () => !conversation.isGone && UNSURE.has(sent()?.state);
    for (let looks = 0; isUnsure() && looks < MOST_LOOKS; looks += 1) await conversation.refresh();
    const turn = sent();
    if (turn?.state === 'done') return this.#tell({ event: 'answered', chat, id });
    const { code, message } = turn?.error ?? { code: 'not-found', message: `The turn is ${turn?.state ?? 'gone'}.` };
    this.#tell({ event: 'refused', chat, code, message });
  }

  async #rename(chat: string): Promise<void> {
    this.#count += 1;
    const title = `Tïtle ${this.#count} of ${this.#name}`;
    this.#tell({ event: 'renaming', chat, title });
    await this.#window.store.update(chat, { title });
    this.#tell({ event: 'renamed', chat, title });
  }

  async #delete(chat: string): Promise<void> {
    this.#tell({ event: 'deleting', chat });
    const place = this.#own.indexOf(chat);
    if (place >= 0) this.#own.splice(place, 1);
    await this.#window.store.delete(chat);
    this.#tell({ event: 'deleted', chat });
    if (place >= 0) this.#deleted.push(chat);
  }

  async #restore(chat: string): Promise<void> {
    this.#deleted.splice(this.#deleted.indexOf(chat), 1);
    this.#tell({ event: 'restoring', chat });
    const { trash } = this.#window.store;
    await trash.restore((await trash.find(chat))?.name ?? chat);
    this.#tell({ event: 'restored', chat });
    this.#own.push(chat);
  }

  async #look(chat: string): Promise<void> {
    await this.#window.store.list();
    await (await this.#conversation(chat)).refresh();
  }

  async #conversation(chat: string): Promise<Conversation> {
    const known = this.#open.get(chat);
    if (known) {
      // As a user does who sees that a chat can't be read.
      if (known.problem) await known.refresh();
      return known;
    }
    const opened = this.#window.open(chat, { isSaved: true });
    await opened.refresh();
    this.#open.set(chat, opened);
    return opened;
  }

  /** Mostly short; some so long that a kill can tear the write. */
  #text(): string {
    this.#count += 1;
    const filler = this.#random.next() < 0.05 ? this.#random.between(500, 5_000) : this.#random.between(0, 60);
    return `Question ${this.#count} of ${this.#name} ${'ä漢🙂'.repeat(filler)}`;
  }

  /** Answers everything, at once or after a little streaming. */
  async #answer(): Promise<void> {
    for (;;) {
      const asked = await this.#window.engine.next();
      const answer = `Answer to ${questionText(asked.request.question)}`;
      if (this.#random.next() < 0.2) {
        asked.chunk(answer.slice(0, 20));
        await delay(this.#random.between(0, 15));
      }
      asked.answer(answer);
    }
  }
}
