import type { PipelineResult, Question } from '../../../src/protocol/question.ts';

/** One question as a pipeline gets it. */
export interface Asked {
  readonly question: Question;
  /** The last text of the question. */
  readonly text: string;
  /** `object.name` of the run. */
  readonly name: string;
  /** The pipeline as it was started. */
  readonly pipeline: Readonly<Record<string, unknown>>;
  readonly sourceId: string;
  /** What came with the start of the pipeline: `ROCKETRIDE_…`. */
  readonly env: Readonly<Record<string, string>>;
  /** Sends an `apaevt_sse`. */
  emit(type: string, data: Readonly<Record<string, unknown>>): void;
  /** Aborts when the task ends. */
  readonly signal: AbortSignal;
}

/**
 * Answers questions in place of a pipeline: the values with their `result_types`; `error` for an object that is marked
 * as failed. What it throws was raised by a node; a ChildCrash is the death of its process.
 */
export type Responder = (asked: Asked) => Promise<PipelineResult>;
