import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AskContext } from '../../src/chats/answerAsk.ts';
import { ChatStore } from '../../src/chats/chatStore.ts';
import { Conversation } from '../../src/chats/conversation.ts';
import type { FileStore } from '../../src/files/fileStore.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { ScriptedEngine } from './scriptedEngine.ts';

export const PIPELINE_ID = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';

/** One window: a store over a folder, an engine, and the conversations that it opens. */
export class TestWindow {
  readonly engine = new ScriptedEngine();
  readonly logged: string[] = [];
  readonly store: ChatStore;
  readonly #conversations: Conversation[] = [];

  /** @param where a folder on this disk, or any files */
  constructor(where: string | FileStore) {
    this.store = new ChatStore({
      files: typeof where === 'string' ? new LocalFileStore(where) : where,
      now,
      writerId: randomUUID(),
      log: (message) => this.logged.push(message),
    });
  }

  open(chatId: string = randomUUID(), how: { isSaved?: boolean; isPrivate?: boolean } = {}): Conversation {
    const conversation = new Conversation({
      chatId,
      ...(how.isSaved ? { store: this.store } : {}),
      isPrivate: how.isPrivate ?? false,
      now,
      newId: randomUUID,
      log: (message) => this.logged.push(message),
      checkpointMs: 5,
    });
    this.#conversations.push(conversation);
    return conversation;
  }

  context(how: { isSaving?: boolean; historyMessages?: number } = {}): AskContext {
    return {
      engine: this.engine,
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
      store: how.isSaving === false ? undefined : this.store,
      historyMessages: how.historyMessages ?? 6,
    };
  }

  /** What a window that is closed or killed leaves: no lock, no run. */
  close(): void {
    for (const conversation of this.#conversations) conversation.dispose();
    this.store.dispose();
  }
}

/** A folder for `.chats`, and windows over it, all gone with `clean`. */
export class ChatFixture {
  readonly root: string;
  readonly #folder: string;
  readonly #windows: TestWindow[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, '.chats');
  }

  /** @param golden name of a tree below test/fixtures to start from */
  static async make(golden?: string): Promise<ChatFixture> {
    const fixture = new ChatFixture(await mkdtemp(join(tmpdir(), 'chats-')));
    if (golden) {
      await cp(new URL(`../fixtures/${golden}/.chats`, import.meta.url), fixture.root, { recursive: true });
    }
    return fixture;
  }

  window(): TestWindow {
    const window = new TestWindow(this.root);
    this.#windows.push(window);
    return window;
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** The lines of a transcript, parsed by nothing of ours. */
  async lines(chatId: string): Promise<Record<string, unknown>[]> {
    const text = await readFile(this.path(chatId, 'chat.jsonl'), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  async catalog(): Promise<{ version: number; chats: Record<string, unknown>[]; [key: string]: unknown }> {
    return JSON.parse(await readFile(this.path('catalog.json'), 'utf8'));
  }

  async entries(): Promise<string[]> {
    try {
      return (await readdir(this.root)).toSorted();
    } catch {
      // No such folder: nothing was written.
      return [];
    }
  }

  async clean(): Promise<void> {
    for (const window of this.#windows) window.close();
    // A window that was just closed may still be giving its locks back.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Resolves when the conversation's turns are as asked for. */
export function until(conversation: Conversation, isSo: () => boolean): Promise<void> {
  if (isSo()) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = conversation.onDidChange(() => {
      if (!isSo()) return;
      subscription.dispose();
      resolve();
    });
  });
}

let ticks = 0;
function now(): string {
  ticks += 1;
  return new Date(Date.UTC(2026, 0, 1) + ticks * 1000).toISOString();
}
