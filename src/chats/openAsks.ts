import type { PipelineResult } from '../protocol/question.ts';
import { mapSome } from '../util/mapSome.ts';
import type { ChatStore } from './chatStore.ts';
import type { PartialAnswers } from './partialAnswers.ts';
import type { AskRecord } from './transcriptRecord.ts';
import type { OpenAskState } from './transcriptView.ts';

/** How the asks stand that have no end and are not answered here, and what is kept of their answers. */
export class OpenAsks {
  #states: ReadonlyMap<string, OpenAskState> = new Map();
  #answers: ReadonlyMap<string, PipelineResult> = new Map();

  /** Looks which of their writers live, and what has come of their answers. */
  async look(asks: readonly AskRecord[], store: ChatStore, partials: PartialAnswers): Promise<void> {
    const states = new Map<string, OpenAskState>();
    const answers = new Map<string, PipelineResult>();
    const alive = new Map<string, Promise<boolean>>();
    await mapSome(asks, async ({ id, writer }) => {
      const looked = alive.get(writer.id) ?? store.writer.isAlive(writer.id);
      alive.set(writer.id, looked);
      const isElsewhere = writer.id !== store.writer.id && (await looked);
      states.set(id, isElsewhere ? 'elsewhere' : 'interrupted');
      const answer = await partials.read(store, id);
      if (answer) answers.set(id, answer);
    });
    this.#states = states;
    this.#answers = answers;
  }

  /** An ask that came in just now was not looked at yet; taking it for dead would offer to ask twice. */
  state(id: string): OpenAskState {
    return this.#states.get(id) ?? 'elsewhere';
  }

  answer(id: string): PipelineResult | undefined {
    return this.#answers.get(id);
  }

  get isWaiting(): boolean {
    return [...this.#states.values()].includes('elsewhere');
  }
}
