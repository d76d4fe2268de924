import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ChatStore } from '../../src/chats/chatStore.ts';
import { makeTurn } from '../../src/chats/transcriptRecord.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { makeQuestion } from '../../src/protocol/question.ts';

/** The `project_id` of the sample assistant.pipe. */
export const ASSISTANT_ID = 'f303524d-9613-439b-bc5d-fbd206df8817';

/** Puts chats on disk as one more window does, at whatever time the test wants. */
export class ChatWriter {
  readonly files: LocalFileStore;
  readonly store: ChatStore;
  /** How many days ago what is written next happens. */
  daysAgo = 0;

  /** @param folder the one that holds `.chats` */
  constructor(folder: string) {
    this.files = new LocalFileStore(join(folder, '.chats'));
    this.store = new ChatStore({
      files: this.files,
      now: () => this.#now(),
      writerId: randomUUID(),
      log: () => undefined,
    });
  }

  /** A chat of one turn with the assistant; its id. */
  async write(question: string): Promise<string> {
    const chatId = randomUUID();
    const turn = makeTurn({
      seq: 1,
      created: this.#now(),
      question: makeQuestion(question, { chatId }),
      answer: { result_types: { answers: 'answers' }, answers: [`Answer to ${question}`] },
      id: randomUUID(),
      historySeq: [],
    });
    await this.store.create(chatId, ASSISTANT_ID, [turn]);
    return chatId;
  }

  close(): void {
    this.store.dispose();
  }

  #now(): string {
    return new Date(Date.now() - this.daysAgo * 24 * 60 * 60_000).toISOString();
  }
}
