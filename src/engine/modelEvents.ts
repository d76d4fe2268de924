import type { EngineEvent } from './engine.ts';
import type { ModelDelta } from './streamModel.ts';

interface RunInfo {
  readonly runId: string;
  readonly nodeId: string;
  readonly now: () => number;
}

/** Turns what one model run says into the events of RocketRide's token streaming; text and reasoning count apart. */
export class ModelEvents {
  readonly #run: RunInfo;
  readonly #emit: (event: EngineEvent) => void;
  #textSeq = 0;
  #reasoningSeq = 0;
  #isReasoning = false;

  constructor(run: RunInfo, emit: (event: EngineEvent) => void) {
    this.#run = run;
    this.#emit = emit;
  }

  /** Reports one piece. Text after reasoning ends the reasoning. */
  add({ type, text }: ModelDelta): void {
    if (type === 'reasoning') {
      this.#isReasoning = true;
      this.#emit({ type: 'reasoning_chunk', data: { text, ...this.#stamp(this.#reasoningSeq++) } });
      return;
    }
    this.#endReasoning();
    this.#emit({ type: 'chunk', data: { text, ...this.#stamp(this.#textSeq++) } });
  }

  /** Reports that the run is over. */
  end(finishReason: string | null): void {
    this.#endReasoning();
    this.#emit({ type: 'chunk_end', data: { finishReason, ...this.#stamp(this.#textSeq++) } });
  }

  #endReasoning(): void {
    if (!this.#isReasoning) return;
    this.#isReasoning = false;
    this.#emit({ type: 'reasoning_end', data: this.#stamp(this.#reasoningSeq++) });
  }

  #stamp(seq: number) {
    return { seq, runId: this.#run.runId, nodeId: this.#run.nodeId, ts: this.#run.now() };
  }
}
