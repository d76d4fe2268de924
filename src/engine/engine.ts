import type { Pipeline } from '../pipelines/pipeline.ts';
import { ChatError, type ChatErrorCode } from '../protocol/chatError.ts';
import type { PipelineResult, Question } from '../protocol/question.ts';
import type { Event } from '../util/emitter.ts';

/** What happens while a question is answered, in the shapes of RocketRide's server-sent events. */
export type EngineEvent =
  /** Append `text` to what `nodeId` says in run `runId`. `seq` counts from 0 for each run; `ts` is epoch milliseconds. */
  | { readonly type: 'chunk' | 'reasoning_chunk'; readonly data: ChunkData }
  | { readonly type: 'reasoning_end'; readonly data: Omit<ChunkData, 'text'> }
  | { readonly type: 'chunk_end'; readonly data: Omit<ChunkData, 'text'> & { readonly finishReason: string | null } }
  /** One step of the work, in a sentence. */
  | { readonly type: 'thinking'; readonly data: { readonly message: string } };

export interface ChunkData {
  readonly text: string;
  readonly seq: number;
  readonly runId: string;
  readonly nodeId: string;
  readonly ts: number;
}

/** A pipeline with the way into it. */
export interface RunTarget {
  readonly pipeline: Pipeline;
  /** Where its file lies; tells pipelines without a `project_id` apart. */
  readonly pipelineUri: string;
  /** Id of the chat source that questions enter by. */
  readonly sourceId: string;
}

export interface EngineRequest extends RunTarget {
  /** With its history in full. */
  readonly question: Question;
  /** `object.name` of the run; comes back as `name` of the result. */
  readonly name: string;
}

export interface AskOptions {
  readonly onEvent: (event: EngineEvent) => void;
  /** Aborting ends the wait and rejects with the ChatError `stopped`; its message says when the work itself goes on. */
  readonly signal: AbortSignal;
}

/** Who answers. It does not know that anything is saved. */
export interface Engine {
  /** Absent when nothing runs between questions. */
  readonly runs?: PipelineRuns;
  /**
   * Says before anything is sent whether this engine can run the pipeline.
   * @throws ChatError `pipeline-invalid` or `pipeline-unsupported`, naming the nodes and the way on.
   */
  check(pipeline: Pipeline, sourceId: string): void;
  /** Answers one question. @throws ChatError; its message may be shown. PartialFailure when some of the answer came. */
  ask(request: EngineRequest, options: AskOptions): Promise<PipelineResult>;
}

/** Pipelines that go on running when a question is answered. A changed file does not change what runs. */
export interface PipelineRuns {
  /** `isOutdated` may have another answer now, for any pipeline. */
  readonly onDidChange: Event<void>;
  /** Whether what runs is other than `target`, and nobody chose to keep it. False as well when it is not known to run. */
  isOutdated(target: RunTarget): boolean;
  /**
   * Ends what runs, and every answer under way in it, and runs `target` instead. Resolves when it takes questions, which
   * can take minutes. @throws ChatError
   */
  restart(target: RunTarget, signal: AbortSignal): Promise<void>;
  /** Goes on with what runs until `target` is changed again. */
  keep(target: RunTarget): void;
  /**
   * The key (`pk_…`) that lets others ask this pipeline and do nothing else; undefined while it does not run.
   * @throws ChatError
   */
  publicToken(target: RunTarget): Promise<string | undefined>;
}

/** A failure that left some of the answer. */
export class PartialFailure extends ChatError {
  readonly answer: PipelineResult;

  constructor(code: ChatErrorCode, message: string, answer: PipelineResult) {
    super(code, message);
    this.name = 'PartialFailure';
    this.answer = answer;
  }
}
