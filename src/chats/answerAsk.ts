import { type Engine, PartialFailure } from '../engine/engine.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { PipelineResult, Question } from '../protocol/question.ts';
import { answerParts } from './answerParts.ts';
import type { ChatStore } from './chatStore.ts';
import type { Run, RunText } from './run.ts';
import { type AskRecord, CHAT_SCHEMA_VERSION, type EndRecord, makeTurn } from './transcriptRecord.ts';
import { type Exchange, lastMessages } from './transcriptView.ts';

/** What a question is asked of, and under which rules. */
export interface AskContext {
  readonly engine: Engine;
  readonly pipeline: Pipeline;
  readonly sourceId: string;
  /** The key under which the chat is listed. */
  readonly pipelineId: string;
  /** Where the pipeline file lies. */
  readonly pipelineUri: string;
  /** Where to save the chat; absent when it is not to be saved. */
  readonly store: ChatStore | undefined;
  readonly historyMessages: number;
}

export interface AnswerOptions {
  readonly now: () => string;
  readonly ask: AskRecord;
  /** That of the ask, as it is sent but for its history. */
  readonly question: Question;
  readonly run: Run;
  readonly context: AskContext;
  /** What was asked before, for the history. */
  readonly before: readonly Exchange[];
  readonly onStream: (text: RunText) => void;
  /** Hears of defects, with their stack. */
  readonly log: (message: string, cause: unknown) => void;
}

/** Has an ask answered. Never rejects: whatever comes of it is a record to be written. A turn has no `seq` yet. */
export async function answerAsk(options: AnswerOptions): Promise<EndRecord> {
  const { ask, run, now } = options;
  try {
    const { engine, pipeline, pipelineUri, sourceId, historyMessages } = options.context;
    const history = lastMessages(options.before, historyMessages);
    const answer = await engine.ask(
      {
        pipeline,
        pipelineUri,
        sourceId,
        question: { ...options.question, history: history.messages },
        name: `Question ${options.before.length + 1}`,
      },
      {
        signal: run.signal,
        onEvent: (event) => {
          const text = run.take(event);
          if (text) options.onStream(text);
        },
      },
    );
    if (answerParts(answer).length === 0) throw noAnswer(answer);
    return makeTurn({ seq: 0, created: now(), question: ask.question, answer, id: ask.id, historySeq: history.seqs });
  } catch (thrown) {
    const error = ChatError.from(thrown);
    if (error.code === 'internal') options.log('A question could not be answered.', error.cause ?? thrown);
    const answer = error instanceof PartialFailure ? error.answer : run.partialAnswer();
    const end = { schema_version: CHAT_SCHEMA_VERSION, created: now(), id: ask.id, answer };
    if (error.code === 'stopped') return { type: 'cancel', ...end, error: error.toShape() };
    return run.signal.aborted ? { type: 'cancel', ...end } : { type: 'fail', ...end, error: error.toShape() };
  }
}

function noAnswer(result: PipelineResult): ChatError {
  return new ChatError(
    'no-answer',
    result.result_types
      ? 'The pipeline ended without an answer that can be shown.'
      : 'The pipeline ended without an answer. Does a response node take its answers?',
  );
}
