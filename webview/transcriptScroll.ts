import type { PageState } from './pageState.ts';

/** This near to its end, the transcript counts as read to the end. */
const END_PX = 8;

/** Keeps the newest text in sight for a reader who is at the end, and any other text where it is. */
export class TranscriptScroll {
  readonly #onFollowing: (isFollowing: boolean) => void;
  readonly #onScrolled: (scrollTop: number) => void;
  readonly #resizes = new ResizeObserver(() => this.#stick());
  #scroller: HTMLElement | undefined;
  #isFollowing = true;
  #chatId: string | undefined;
  #firstTurnId: string | undefined;
  #lastTop = 0;
  #heightBefore = 0;
  #heldTop: (() => number) | undefined;

  constructor(onFollowing: (isFollowing: boolean) => void, onScrolled: (scrollTop: number) => void) {
    this.#onFollowing = onFollowing;
    this.#onScrolled = onScrolled;
  }

  /** To be called before the page is drawn anew. */
  remember(): void {
    this.#heightBefore = this.#scroller?.scrollHeight ?? 0;
  }

  /** To be called after the page was drawn. `restoredTop` is where a reloaded page was. */
  settle(state: PageState, restoredTop?: number): void {
    const scroller = document.getElementById('transcript');
    const chat = state.snapshot?.chat;
    if (!scroller || !chat) return;
    if (scroller !== this.#scroller) this.#watch(scroller);
    this.#isFollowing = state.isFollowing;
    const isSameChat = chat.chatId === this.#chatId;
    const firstTurnId = chat.turns[0]?.id;
    const hasOlderTurns = isSameChat && firstTurnId !== this.#firstTurnId && this.#firstTurnId !== undefined;
    this.#chatId = chat.chatId;
    this.#firstTurnId = firstTurnId;
    if (restoredTop !== undefined) {
      // Whatever is not the end is above it: the restored place counts as the reader's own way up.
      this.#lastTop = Number.POSITIVE_INFINITY;
      this.#hold(() => restoredTop);
    } else if (hasOlderTurns && !this.#isFollowing) {
      const rest = this.#heightBefore - scroller.scrollTop;
      this.#hold(() => scroller.scrollHeight - rest);
    } else this.#stick();
  }

  /** Text gets its height a little after it was drawn: the place is taken again until then. */
  #hold(top: () => number): void {
    this.#heldTop = top;
    this.#stick();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.#heldTop = undefined;
      }),
    );
  }

  #watch(scroller: HTMLElement): void {
    this.#scroller = scroller;
    this.#resizes.disconnect();
    for (const element of [scroller, ...scroller.children]) this.#resizes.observe(element);
    scroller.addEventListener('scroll', () => this.#read(scroller), { passive: true });
  }

  #read(scroller: HTMLElement): void {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const rest = scrollHeight - clientHeight - scrollTop;
    const isUpward = scrollTop < this.#lastTop && rest > 1;
    this.#lastTop = scrollTop;
    this.#onScrolled(scrollTop);
    const isFollowing = rest <= (isUpward ? 0 : END_PX);
    // New text moves the end away without a scroll; only the reader's own way up ends the following.
    if (isFollowing !== this.#isFollowing && (isFollowing || isUpward)) this.#onFollowing(isFollowing);
  }

  #stick(): void {
    if (!this.#scroller) return;
    if (this.#heldTop) this.#scroller.scrollTop = this.#heldTop();
    else if (this.#isFollowing) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
