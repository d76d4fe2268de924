import { unlessStopped } from './stopped.ts';

/** Work that several wait for. When the last of them has stopped waiting, it is given up. */
export class SharedWork<T> {
  readonly #controller = new AbortController();
  readonly #listeners = new Set<(note: string) => void>();
  readonly #notes: string[] = [];
  readonly #result: Promise<T>;
  #waitingCount = 0;

  /** @param work is told by `signal` that nobody waits any more, and says by `note` how far it has come */
  constructor(work: (signal: AbortSignal, note: (text: string) => void) => Promise<T>) {
    this.#result = work(this.#controller.signal, (text) => this.#note(text));
    // Whoever waits hears of it; nobody may be left to.
    this.#result.catch(() => undefined);
  }

  /** Given up: whoever comes now begins anew. */
  get isGivenUp(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Waits for the result; `onNote` hears of every step, those before included. @throws ChatError `stopped` by `signal` */
  async wait(signal: AbortSignal, onNote: (text: string) => void): Promise<T> {
    this.#waitingCount += 1;
    this.#listeners.add(onNote);
    for (const note of this.#notes) onNote(note);
    try {
      return await unlessStopped(this.#result, signal);
    } finally {
      this.#listeners.delete(onNote);
      this.#waitingCount -= 1;
      if (this.#waitingCount === 0) this.#controller.abort();
    }
  }

  #note(text: string): void {
    if (this.#notes.includes(text)) return;
    this.#notes.push(text);
    for (const listener of this.#listeners) listener(text);
  }
}
