import type { HostLink } from './hostLink.ts';
import type { Renaming } from './pageState.ts';
import type { PageStore } from './pageStore.ts';
import { Timer } from './timer.ts';

/** What a reader can do with the chats as a whole. */
export class ChatActions {
  readonly #store: PageStore;
  readonly #host: HostLink;
  readonly #flushDraft: () => Promise<void>;
  readonly #disarmTimer = new Timer();

  constructor(store: PageStore, host: HostLink, flushDraft: () => Promise<void>) {
    this.#store = store;
    this.#host = host;
    this.#flushDraft = flushDraft;
  }

  /** @param chatId null starts a new chat */
  async open(chatId: string | null, isPrivate = false): Promise<void> {
    this.disarm();
    this.#store.update({ isListOverlaid: false, rovingChatId: chatId ?? undefined, failure: undefined });
    await this.#store.attempt(
      // The host reads the draft of the chat it opens: what was typed last has to be there first.
      this.#flushDraft().then(() => this.#host.call('openChat', isPrivate ? { chatId, isPrivate } : { chatId })),
    );
  }

  toggleList(): void {
    const { isNarrow, isListOverlaid, isListHidden } = this.#store.state;
    this.#store.update(isNarrow ? { isListOverlaid: !isListOverlaid } : { isListHidden: !isListHidden });
  }

  moveTo(chatId: string): void {
    if (this.#store.state.rovingChatId !== chatId) this.#store.update({ rovingChatId: chatId });
  }

  startRename(renaming: Renaming): void {
    this.disarm();
    this.#store.update({ renaming });
  }

  cancelRename(): void {
    this.#store.update({ renaming: undefined });
  }

  /** Saves once: the blur that follows Enter or Escape finds no renaming any more. */
  async commitRename(renaming: Renaming, before: string, typed: string): Promise<void> {
    if (this.#store.state.renaming !== renaming) return;
    this.#store.update({ renaming: undefined });
    const title = typed.trim();
    if (title === '' || title === before) return;
    await this.#store.attempt(this.#host.call('updateChat', { chatId: renaming.chatId, patch: { title } }));
  }

  async setPinned(chatId: string, pinned: boolean): Promise<void> {
    await this.#store.attempt(this.#host.call('updateChat', { chatId, patch: { pinned } }));
  }

  /** Arms the delete of a chat; when it is armed already, deletes. */
  async remove(chatId: string, title: string): Promise<void> {
    const { armedChatId, snapshot } = this.#store.state;
    if (armedChatId !== chatId) {
      this.#store.update({ armedChatId: chatId });
      this.#store.announce(`Press Delete again to delete ${title}`);
      this.#disarmTimer.restart((snapshot?.deleteArmedSeconds ?? 0) * 1000, () => this.disarm());
      return;
    }
    this.disarm();
    if (await this.#store.attempt(this.#host.call('deleteChat', { chatId }))) this.#store.announce(`Deleted ${title}`);
  }

  disarm(chatId = this.#store.state.armedChatId): void {
    if (chatId === undefined || this.#store.state.armedChatId !== chatId) return;
    this.#disarmTimer.cancel();
    this.#store.update({ armedChatId: undefined });
  }

  async loadOlder(chatId: string): Promise<void> {
    this.#store.update({ isLoadingOlder: true, isFollowing: false });
    await this.#store.attempt(this.#host.call('loadOlder', { chatId }));
    this.#store.update({ isLoadingOlder: false });
  }
}
