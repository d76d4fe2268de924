import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';

export interface FolderWatchOptions {
  readonly pollMs: number;
  /** Whether to look at all. */
  readonly isWatched: () => boolean;
  /** What a folder is now, as a text that is another one when something in it changed. */
  readonly look: (folder: string) => Promise<string>;
}

/** Tells of changes in folders where nobody tells of them: looks every few seconds. */
export class FolderWatch implements Disposable {
  readonly #options: FolderWatchOptions;
  readonly #emitters = new Map<string, Emitter<void>>();
  readonly #looks = new Map<string, string>();
  readonly #timer: ReturnType<typeof setInterval>;
  #isLooking = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.pollMs);
  }

  add(folder: string, onChange: () => void): Disposable {
    const emitter = this.#emitters.get(folder) ?? new Emitter<void>();
    this.#emitters.set(folder, emitter);
    return emitter.event(onChange);
  }

  /** Something was changed by this window itself. */
  changed(folder: string): void {
    this.#emitters.get(folder)?.fire();
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const emitter of this.#emitters.values()) emitter.dispose();
    this.#emitters.clear();
  }

  async #look(): Promise<void> {
    if (this.#isLooking || !this.#options.isWatched()) return;
    this.#isLooking = true;
    try {
      await Promise.all([...this.#emitters].map(([folder, emitter]) => this.#lookAt(folder, emitter)));
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAt(folder: string, emitter: Emitter<void>): Promise<void> {
    try {
      const seen = await this.#options.look(folder);
      const before = this.#looks.get(folder);
      this.#looks.set(folder, seen);
      if (before !== seen) emitter.fire();
    } catch {
      // Nothing can be seen now: what comes back is another look than this one.
      this.#looks.delete(folder);
    }
  }
}
