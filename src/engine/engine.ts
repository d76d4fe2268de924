import type { Pipeline } from '../pipelines/pipeline.ts';
import type { PipelineResult, Question } from '../protocol/question.ts';

/** What happens while a question is answered, in the shapes of RocketRide's server-sent events. */
export type EngineEvent =
  /** Append `text` to what `nodeId` says in run `runId`. `seq` counts from 0 for each run; `ts` is epoch milliseconds. */
  | { readonly type: 'chunk' | 'reasoning_chunk'; readonly data: ChunkData }
  | { readonly type: 'reasoning_end'; readonly data: Omit<ChunkData, 'text'> }
  | { readonly type: 'chunk_end'; readonly data: Omit<ChunkData, 'text'> & { readonly finishReason: string | null } }
  | { readonly type: 'thinking'; readonly data: { readonly message: string } };

export interface ChunkData {
  readonly text: string;
  readonly seq: number;
  readonly runId: string;
  readonly nodeId: string;
  readonly ts: number;
}

export interface EngineRequest {
  readonly pipeline: Pipeline;
  /** Id of the chat source that the question enters by. */
  readonly sourceId: string;
  /** With its history in full. */
  readonly question: Question;
  /** `object.name` of the run; comes back as `name` of the result. */
  readonly name: string;
}

export interface AskOptions {
  readonly onEvent: (event: EngineEvent) => void;
  /** Aborting ends the work and rejects with the ChatError `stopped`. */
  readonly signal: AbortSignal;
}

/** Who answers. It does not know that anything is saved. */
export interface Engine {
  /**
   * Says before anything is sent whether this engine can run the pipeline.
   * @throws ChatError `pipeline-invalid` or `pipeline-unsupported`, naming the nodes and the way on.
   */
  check(pipeline: Pipeline, sourceId: string): void;
  /** Answers one question. @throws ChatError; its message may be shown. */
  ask(request: EngineRequest, options: AskOptions): Promise<PipelineResult>;
}
