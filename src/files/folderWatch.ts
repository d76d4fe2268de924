import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';

export interface FolderWatchOptions {
  readonly pollMs: number;
  /** Whether to look at all. */
  readonly isWatched: () => boolean;
  /** What a folder is now, as a text that is another one when something in it changed. */
  readonly look: (folder: string) => Promise<string>;
}

/** Several changes by this window in a row are told once. */
const SETTLE_MS = 50;

/** Tells of changes in folders where nobody tells of them: looks every few seconds. */
export class FolderWatch implements Disposable {
  readonly #options: FolderWatchOptions;
  readonly #emitters = new Map<string, Emitter<void>>();
  readonly #looks = new Map<string, string>();
  /** Folders that this window changed a moment ago. */
  readonly #changed = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #timer: ReturnType<typeof setInterval>;
  #isLooking = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.pollMs);
  }

  add(folder: string, onChange: () => void): Disposable {
    const emitter = this.#emitters.get(folder) ?? new Emitter<void>();
    this.#emitters.set(folder, emitter);
    const subscription = emitter.event(onChange);
    return {
      dispose: () => {
        subscription.dispose();
        if (emitter.hasListeners || this.#emitters.get(folder) !== emitter) return;
        this.#emitters.delete(folder);
        this.#looks.delete(folder);
      },
    };
  }

  /** Something was changed by this window itself. Told in a moment, and not again when the folder is looked at next. */
  changed(folder: string): void {
    if (!this.#emitters.has(folder) || this.#changed.has(folder)) return;
    const tell = () => {
      this.#changed.delete(folder);
      void this.#lookAt(folder, true);
    };
    this.#changed.set(folder, setTimeout(tell, SETTLE_MS));
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const timer of this.#changed.values()) clearTimeout(timer);
    this.#changed.clear();
    for (const emitter of this.#emitters.values()) emitter.dispose();
    this.#emitters.clear();
  }

  async #look(): Promise<void> {
    if (this.#isLooking || !this.#options.isWatched()) return;
    this.#isLooking = true;
    try {
      await Promise.all([...this.#emitters.keys()].map((folder) => this.#lookAt(folder, false)));
    } finally {
      this.#isLooking = false;
    }
  }

  /** Who hears of a change reads after this look, so that the next one shows what came after that. */
  async #lookAt(folder: string, isChanged: boolean): Promise<void> {
    // What can't be seen now comes back as another look than this one.
    const seen = await this.#options.look(folder).catch(() => undefined);
    const before = this.#looks.get(folder);
    const emitter = this.#emitters.get(folder);
    if (seen === undefined || !emitter) this.#looks.delete(folder);
    else this.#looks.set(folder, seen);
    if (isChanged || (seen !== undefined && before !== seen)) emitter?.fire();
  }
}
