import { ChatError } from '../src/protocol/chatError.ts';
import type { PageState } from './pageState.ts';

export type Change = (state: PageState) => PageState;

/** Holds the one state of the page and says when it has changed. */
export class PageStore {
  readonly #onChange: (state: PageState, isStreamedText: boolean) => void;
  #state: PageState;

  constructor(state: PageState, onChange: (state: PageState, isStreamedText: boolean) => void) {
    this.#state = state;
    this.#onChange = onChange;
  }

  get state(): PageState {
    return this.#state;
  }

  update(change: Partial<PageState> | Change): void {
    this.#replace(change, false);
  }

  /** A change that may wait for the next frame: more of it is on its way. */
  stream(change: Change): void {
    this.#replace(change, true);
  }

  announce(text: string): void {
    this.update((state) => ({ ...state, announcement: { text, count: state.announcement.count + 1 } }));
  }

  /** Waits for something asked of the host; when that fails, the banner says so and the result is false. */
  async attempt(asked: Promise<unknown>): Promise<boolean> {
    try {
      await asked;
      return true;
    } catch (error) {
      this.update({ failure: ChatError.from(error).toShape() });
      return false;
    }
  }

  #replace(change: Partial<PageState> | Change, isStreamedText: boolean): void {
    const next = typeof change === 'function' ? change(this.#state) : { ...this.#state, ...change };
    if (next === this.#state) return;
    this.#state = next;
    this.#onChange(next, isStreamedText);
  }
}
