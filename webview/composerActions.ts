import type { DraftKeeper } from './draftKeeper.ts';
import type { HostLink } from './hostLink.ts';
import { isAnswering } from './pageState.ts';
import type { PageStore } from './pageStore.ts';
import { recallQuestion } from './questionRecall.ts';

/** What a reader can do in the composer. */
export class ComposerActions {
  readonly #store: PageStore;
  readonly #host: HostLink;
  readonly #drafts: DraftKeeper;

  constructor(store: PageStore, host: HostLink, drafts: DraftKeeper) {
    this.#store = store;
    this.#host = host;
    this.#drafts = drafts;
  }

  edit(text: string): void {
    const { chatId } = this.#store.state.composer;
    this.#store.update({ composer: { chatId, text, recalled: 0, ownText: '' } });
    this.#drafts.set(chatId, text);
  }

  /** @returns whether another question came into the box */
  recall(direction: 'earlier' | 'later'): boolean {
    const { composer, snapshot } = this.#store.state;
    const next = recallQuestion(composer, snapshot?.chat.turns.map((turn) => turn.question) ?? [], direction);
    if (next === composer) return false;
    this.#store.update({ composer: next });
    this.#drafts.set(next.chatId, next.text);
    return true;
  }

  async send(): Promise<void> {
    const { composer, snapshot, sendingChatId } = this.#store.state;
    const { chatId, text } = composer;
    if (!snapshot || text.trim() === '' || sendingChatId !== undefined) return;
    if (isAnswering(this.#store.state)) return this.#store.announce('Wait for the answer or stop it');
    if (!snapshot.pipeline.canSend || snapshot.chat.isReadOnly) return;
    this.#store.update({ sendingChatId: chatId, isFollowing: true, failure: undefined });
    const isSafe = await this.#store.attempt(
      snapshot.pipeline.isDirty ? this.#saveAndSend(chatId, text) : this.#host.call('send', { chatId, text }),
    );
    this.#store.update({ sendingChatId: undefined });
    if (isSafe) await this.#clear(chatId, text);
  }

  async stop(): Promise<void> {
    await this.#store.attempt(this.#host.call('stop', { chatId: this.#store.state.composer.chatId }));
  }

  async flushDraft(): Promise<void> {
    await this.#store.attempt(this.#drafts.flush());
  }

  async #saveAndSend(chatId: string, text: string): Promise<void> {
    // The host sends what it has as the draft.
    this.#drafts.set(chatId, text);
    await this.#drafts.flush();
    await this.#host.call('act', { action: 'save-and-send' });
  }

  /** Takes a sent question out of the box and the draft, unless something else was typed meanwhile. */
  async #clear(chatId: string, sent: string): Promise<void> {
    const { composer } = this.#store.state;
    if (composer.chatId === chatId && composer.text !== sent) return;
    if (composer.chatId === chatId) {
      this.#drafts.forget();
      this.#store.update({ composer: { chatId, text: '', recalled: 0, ownText: '' } });
    }
    await this.#store.attempt(this.#host.call('setDraft', { chatId, text: '' }));
  }
}
