import type { ChatStore } from '../chats/chatStore.ts';
import { Conversation, type ConversationOptions } from '../chats/conversation.ts';
import { chatFolder } from '../chats/paths.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';

const LOOK_AGAIN_MS = 1000;
/** An answer that was stopped has its end on disk well before. */
const STOP_LIMIT_MS = 2000;

interface Entry {
  readonly conversation: Conversation;
  readonly disposables: DisposableStore;
  /** Views that show it. */
  viewCount: number;
  watch: Disposable | undefined;
}

/** The chats that this window shows or answers, each once, so that two views of a chat see the same. */
export class Conversations implements Disposable {
  readonly #entries = new Map<string, Entry>();
  readonly #onDidChange = new Emitter<void>();
  /** Some chat began or ended to be answered here, or was closed. */
  readonly onDidChange = this.#onDidChange.event;
  readonly #options: Omit<ConversationOptions, 'chatId' | 'store' | 'isPrivate'>;

  constructor(options: Omit<ConversationOptions, 'chatId' | 'store' | 'isPrivate'>) {
    this.#options = options;
  }

  /** Shows a chat in one more view. Disposing the view's hold closes the chat once nobody shows or answers it. */
  open(chatId: string, how: { store?: ChatStore; isPrivate?: boolean }): { conversation: Conversation } & Disposable {
    const entry = this.#entries.get(chatId) ?? this.#add(chatId, how);
    entry.viewCount += 1;
    return {
      conversation: entry.conversation,
      dispose: () => {
        entry.viewCount -= 1;
        this.#closeIfUnused(chatId, entry);
      },
    };
  }

  isRunning(chatId: string): boolean {
    return this.#entries.get(chatId)?.conversation.isRunning ?? false;
  }

  /** Whether a view of this window shows the chat, or it is answered here. */
  isOpen(chatId: string): boolean {
    return this.#entries.has(chatId);
  }

  /** Whether a store is still needed: some chat of it is open, or something is being answered, by whoever. */
  isUsing(store: ChatStore): boolean {
    return [...this.#entries.values()].some(
      ({ conversation }) => conversation.store === store || conversation.isRunning,
    );
  }

  /** Stops what is answered in a chat. Resolves when that has come to its end, or does not come to one. */
  async stop(chatId: string): Promise<void> {
    const conversation = this.#entries.get(chatId)?.conversation;
    if (!conversation?.isRunning) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, STOP_LIMIT_MS);
      const subscription = conversation.onDidChange(() => {
        if (conversation.isRunning) return;
        clearTimeout(limit);
        subscription.dispose();
        resolve();
      });
      conversation.stop();
    });
  }

  dispose(): void {
    for (const { disposables } of this.#entries.values()) disposables.dispose();
    this.#onDidChange.dispose();
  }

  #add(chatId: string, how: { store?: ChatStore; isPrivate?: boolean }): Entry {
    const conversation = new Conversation({ chatId, ...how, ...this.#options });
    const disposables = new DisposableStore();
    const entry: Entry = { conversation, disposables, viewCount: 0, watch: undefined };
    this.#entries.set(chatId, entry);
    disposables.add(conversation);
    disposables.add(
      conversation.onDidChange(() => {
        this.#watchFile(entry);
        this.#onDidChange.fire();
        this.#closeIfUnused(chatId, entry);
      }),
    );
    // A window that dies fires no event, so an answer that another window owes is looked after.
    const timer = setInterval(() => {
      if (conversation.isWaitingForOthers) void conversation.refresh();
    }, LOOK_AGAIN_MS);
    disposables.add({ dispose: () => clearInterval(timer) });
    this.#watchFile(entry);
    return entry;
  }

  #watchFile(entry: Entry): void {
    const { conversation } = entry;
    if (entry.watch || !conversation.store) return;
    entry.watch = entry.disposables.add(
      conversation.store.files.watch(chatFolder(conversation.chatId), () => void conversation.refresh()),
    );
  }

  #closeIfUnused(chatId: string, entry: Entry): void {
    if (entry.viewCount > 0 || entry.conversation.isRunning || this.#entries.get(chatId) !== entry) return;
    this.#entries.delete(chatId);
    entry.disposables.dispose();
    this.#onDidChange.fire();
  }
}
