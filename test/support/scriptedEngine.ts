import type { AskOptions, Engine, EngineRequest } from '../../src/engine/engine.ts';
import { ChatError } from '../../src/protocol/chatError.ts';
import { type PipelineResult, questionText } from '../../src/protocol/question.ts';

interface Asked {
  readonly request: EngineRequest;
  /** Streams a piece of the answer. */
  chunk(text: string): void;
  answer(text: string): void;
  end(result: PipelineResult): void;
  fail(error: unknown): void;
}

/** An engine whose answers the test gives, one question at a time. */
export class ScriptedEngine implements Engine {
  readonly #asked: Asked[] = [];
  #waiting: ((asked: Asked) => void)[] = [];
  /** Answers every question at once with `Answer to …`. */
  isEchoing = false;

  check(): void {}

  ask(request: EngineRequest, { onEvent, signal }: AskOptions): Promise<PipelineResult> {
    return new Promise((resolve, reject) => {
      let seq = 0;
      const end = (result: PipelineResult) => resolve({ name: request.name, path: '', objectId: 'o', ...result });
      const answer = (text: string) => end({ result_types: { answers: 'answers' }, answers: [text] });
      const chunk = (text: string) =>
        onEvent({ type: 'chunk', data: { text, seq: seq++, runId: 'r', nodeId: 'llm_1', ts: 0 } });
      signal.addEventListener('abort', () => reject(new ChatError('stopped', 'Stopped.')));
      if (this.isEchoing) return answer(`Answer to ${questionText(request.question)}`);
      const asked: Asked = { request, chunk, answer, end, fail: reject };
      const waiting = this.#waiting.shift();
      if (waiting) waiting(asked);
      else this.#asked.push(asked);
    });
  }

  /** The next question that was not taken yet. */
  next(): Promise<Asked> {
    const asked = this.#asked.shift();
    return asked ? Promise.resolve(asked) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get unansweredCount(): number {
    return this.#asked.length;
  }
}
