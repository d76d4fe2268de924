import { ChatError } from '../protocol/chatError.ts';
import { type PipelineResult, pipelineResult } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ChatStore } from './chatStore.ts';
import { partialPath, transcriptPath } from './paths.ts';

/**
 * Answers that are still coming, on disk as far as they have come: what a window that dies leaves of them.
 * Each lies in a file of its own, removed when the ask has its end.
 */
export class PartialAnswers implements Disposable {
  readonly #chatId: string;
  readonly #pauseMs: number;
  readonly #log: (message: string, cause: unknown) => void;
  readonly #sequencer = new Sequencer();
  /** Asks of whose answers something was kept here: of most, all comes before that. */
  readonly #kept = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** @param options.pauseMs longest time for which text that came is in memory only */
  constructor(options: {
    chatId: string;
    pauseMs: number;
    log: (message: string, cause: unknown) => void;
  }) {
    this.#chatId = options.chatId;
    this.#pauseMs = options.pauseMs;
    this.#log = options.log;
  }

  /** Says that more of an answer has come; `answer` is asked for what there is when it is written. */
  grew(store: ChatStore, askId: string, answer: () => PipelineResult | undefined): void {
    if (this.#timers.has(askId)) return;
    const write = () => {
      this.#timers.delete(askId);
      void this.#sequencer.run(askId, () => this.#write(store, askId, answer()));
    };
    this.#timers.set(askId, setTimeout(write, this.#pauseMs));
  }

  /** undefined when nothing of the answer was kept. */
  async read({ files }: ChatStore, askId: string): Promise<PipelineResult | undefined> {
    try {
      const text = new TextDecoder().decode(await files.read(partialPath(this.#chatId, askId)));
      return pipelineResult.safeParse(JSON.parse(text)).data;
    } catch {
      // Not there, or not to be read: the ask is shown without it, and nothing is written over it.
      return undefined;
    }
  }

  /**
   * The ask has its end: what was kept of its answer is of no use any more.
   * @param options.isOurs the answer came here, so that only what was kept here need be looked for
   */
  ended({ files }: ChatStore, askId: string, { isOurs = false } = {}): Promise<void> {
    clearTimeout(this.#timers.get(askId));
    this.#timers.delete(askId);
    return this.#sequencer.run(askId, async () => {
      if (!this.#kept.delete(askId) && isOurs) return;
      try {
        const path = partialPath(this.#chatId, askId);
        // Looking costs less than removing.
        if (await files.stat(path)) await files.remove(path);
      } catch (error) {
        this.#log('The kept part of an answer could not be removed.', error);
      }
    });
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #write({ files, locks }: ChatStore, askId: string, answer: PipelineResult | undefined): Promise<void> {
    if (!answer) return;
    try {
      await locks.ofChat(this.#chatId, async (lease) => {
        // Writing makes folders; a chat that was deleted must not come back by that.
        if (!(await files.stat(transcriptPath(this.#chatId)))) return;
        const text = new TextEncoder().encode(JSON.stringify(answer));
        this.#kept.add(askId);
        await files.write(partialPath(this.#chatId, askId), text, lease);
      });
    } catch (error) {
      this.#log('The part of an answer that has come could not be kept.', ChatError.from(error));
    }
  }
}
