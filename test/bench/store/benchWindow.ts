import { randomUUID } from 'node:crypto';
import type { AskContext } from '../../../src/chats/answerAsk.ts';
import type { ChatStore } from '../../../src/chats/chatStore.ts';
import type { Conversation } from '../../../src/chats/conversation.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { FileStore } from '../../../src/files/fileStore.ts';
import type { Core } from './builtCore.ts';
import { ANSWER, PIPELINE_ID, QUESTION } from './chatTree.ts';

/** One window of the built core over a folder of chats, with an engine that has its answer at hand. */
export class BenchWindow {
  readonly files: FileStore;
  readonly store: ChatStore;
  readonly #core: Core;

  constructor(core: Core, files: FileStore) {
    this.#core = core;
    this.files = files;
    this.store = new core.ChatStore({ files, now, writerId: randomUUID(), log });
  }

  open(chatId: string): Conversation {
    const { store } = this;
    return new this.#core.Conversation({ chatId, store, now, newId: randomUUID, log });
  }

  /** Asks, and waits until the answer is on disk and the window has nothing more to do for it. */
  async ask(chat: Conversation): Promise<void> {
    await chat.send(QUESTION, this.#context());
    if (!chat.isRunning) return;
    await new Promise<void>((resolve) => {
      const subscription = chat.onDidChange(() => {
        if (chat.isRunning) return;
        subscription.dispose();
        resolve();
      });
    });
  }

  close(): void {
    this.store.dispose();
  }

  #context(): AskContext {
    return {
      engine,
      pipeline: {
        components: [],
        projectId: PIPELINE_ID,
        source: 'chat_1',
        name: undefined,
        description: undefined,
        isWrapped: false,
        content: { components: [], project_id: PIPELINE_ID, source: 'chat_1' },
      },
      sourceId: 'chat_1',
      pipelineId: PIPELINE_ID,
      pipelineUri: 'file:///pipelines/assistant.pipe',
      store: this.store,
      historyMessages: 6,
    };
  }
}

const engine: Engine = {
  check: () => undefined,
  ask: async ({ name }) => ({ name, path: '', objectId: 'o', result_types: { answers: 'answers' }, answers: [ANSWER] }),
};

export function now(): string {
  return new Date().toISOString();
}

/** A figure of work that failed would say nothing. What is logged without a cause tells of repairs. */
export function log(message: string, cause?: unknown): void {
  if (cause !== undefined) throw new Error(message, { cause });
}
