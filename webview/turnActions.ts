import type { ActionId } from '../src/protocol/model.ts';
import type { HostLink } from './hostLink.ts';
import type { PageStore } from './pageStore.ts';

/** What a reader can do with a turn, a notice or a link. */
export class TurnActions {
  readonly #store: PageStore;
  readonly #host: HostLink;

  constructor(store: PageStore, host: HostLink) {
    this.#store = store;
    this.#host = host;
  }

  async resolve(chatId: string, turnId: string, how: 'retry' | 'keep' | 'discard'): Promise<void> {
    if (this.#store.state.resolvingTurnId !== undefined) return;
    this.#store.update({ resolvingTurnId: turnId, failure: undefined });
    await this.#store.attempt(this.#host.call('resolveTurn', { chatId, turnId, how }));
    this.#store.update({ resolvingTurnId: undefined });
  }

  async act(action: ActionId): Promise<void> {
    await this.#store.attempt(this.#host.call('act', { action }));
  }

  async copy(text: string): Promise<void> {
    if (await this.#store.attempt(this.#host.call('copy', { text }))) this.#store.announce('Copied');
  }

  async openLink(href: string): Promise<void> {
    await this.#store.attempt(this.#host.call('openLink', { href }));
  }

  dismissFailure(): void {
    this.#store.update({ failure: undefined });
  }

  jumpToNewest(): void {
    this.#store.update({ isFollowing: true });
  }
}
