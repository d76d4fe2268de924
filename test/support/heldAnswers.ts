import type { PipelineResult } from '../../src/protocol/question.ts';
import type { Asked, Responder } from './rocketRideServer/responder.ts';

export interface HeldAnswer {
  readonly asked: Asked;
  readonly end: (result: PipelineResult) => void;
  readonly fail: (error: Error) => void;
}

/** Has the questions to a server wait for what the test says to them, one after another. */
export class HeldAnswers {
  readonly #held: HeldAnswer[] = [];
  readonly #waiting: ((held: HeldAnswer) => void)[] = [];

  readonly responder: Responder = (asked) =>
    new Promise((end, fail) => {
      const held = { asked, end, fail };
      const waiting = this.#waiting.shift();
      if (waiting) waiting(held);
      else this.#held.push(held);
    });

  /** The next question that was not taken yet. */
  next(): Promise<HeldAnswer> {
    const held = this.#held.shift();
    return held ? Promise.resolve(held) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
