import type { HostLink } from './hostLink.ts';
import { Timer } from './timer.ts';

const PAUSE_MS = 300;

/** Hands drafts to the host when the typing pauses, and at once when the text may go out of sight. */
export class DraftKeeper {
  readonly #host: HostLink;
  readonly #timer = new Timer();
  #waiting: { chatId: string; text: string } | undefined;

  constructor(host: HostLink) {
    this.#host = host;
  }

  set(chatId: string, text: string): void {
    this.#waiting = { chatId, text };
    // A draft that could not be kept is no reason to disturb the typing: the text is still in the box.
    this.#timer.restart(PAUSE_MS, () => void this.flush().catch(() => undefined));
  }

  forget(): void {
    this.#timer.cancel();
    this.#waiting = undefined;
  }

  async flush(): Promise<void> {
    const draft = this.#waiting;
    this.forget();
    if (draft) await this.#host.call('setDraft', draft);
  }
}
