import type { StreamedText } from '../chats/conversation.ts';
import type { Disposable } from '../util/disposable.ts';

/** About one frame: text that streams faster is sent together. */
const FLUSH_MS = 16;

/** Collects streamed text and passes it on once a frame, in order. */
export class DeltaBuffer implements Disposable {
  readonly #send: (delta: StreamedText) => void;
  #pending: StreamedText[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (delta: StreamedText) => void) {
    this.#send = send;
  }

  add(delta: StreamedText): void {
    const last = this.#pending.at(-1);
    if (last && last.turnId === delta.turnId && last.part === delta.part) {
      this.#pending[this.#pending.length - 1] = { ...last, text: last.text + delta.text };
    } else {
      this.#pending.push(delta);
    }
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Drops what waits: a snapshot that is about to go out holds it already. */
  clear(): void {
    this.#pending = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  dispose(): void {
    this.clear();
  }

  #flush(): void {
    const pending = this.#pending;
    this.clear();
    for (const delta of pending) this.#send(delta);
  }
}
