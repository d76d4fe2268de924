import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';
import { type PipelineResult, pipelineResult } from '../protocol/question.ts';
import { ServerFailure } from '../rocketride/serverFailure.ts';
import { PartialFailure } from './engine.ts';
import { isNestedDeeper } from './isNestedDeeper.ts';
import { isEnded } from './remoteTask.ts';
import { stopped } from './stopped.ts';

type Log = (message: string, cause?: unknown) => void;

/** No answer is nested like this, and what is can neither be saved nor shown. */
const MOST_LEVELS = 200;

const openedPipe = z.object({ pipe_id: z.number() });

/** The pipe that was opened. The server answers without one when its own process failed to. */
export function openedPipeId(body: unknown): number {
  const { data } = openedPipe.safeParse(body);
  if (data) return data.pipe_id;
  throw new ChatError('server-error', 'The pipeline did not take the question. Ask again, or restart the pipeline.');
}

/** What came out of a pipe. @throws ChatError for all that is no answer; the server reports success of it. */
export function closedResult(body: Readonly<Record<string, unknown>>, log: Log): PipelineResult {
  const isTooDeep = isNestedDeeper(body, MOST_LEVELS);
  const parsed = pipelineResult.safeParse(body);
  if (isTooDeep || !parsed.success) {
    log("The server's answer can't be read.", isTooDeep ? `It has more than ${MOST_LEVELS} levels.` : parsed.error);
    throw new ChatError('server-error', "The server's answer can't be read. The log has what is wrong with it.");
  }
  const { error, ...result } = parsed.data;
  if (error !== undefined && error !== null) {
    log('A node of the pipeline failed on the server.', error);
    const message = 'A node of the pipeline failed on the server. The log has its words.';
    throw result.result_types
      ? new PartialFailure('server-error', message, result)
      : new ChatError('server-error', message);
  }
  if (!result.result_types) {
    throw new ChatError(
      'no-answer',
      'The pipeline ended without an answer. A node failed on the server, or no response node takes its answers.',
    );
  }
  return result;
}

/** Whether asking again can help and do no harm, when nothing of the question was sent. */
export function isGone(error: unknown): boolean {
  return (
    isEnded(error) || (error instanceof ChatError && (error.code === 'task-ended' || error.code === 'server-offline'))
  );
}

/** The error of a turn as it is told. @param isSent whether the pipeline may have got the question */
export function turnFailure(error: unknown, isSent: boolean, log: Log): unknown {
  if (error instanceof ServerFailure) log('The server refused to go on with a question.', error.serverText);
  if (!isSent || !(error instanceof ChatError)) return error;
  if (error.code === 'stopped') {
    return stopped('Stopped. The server has no way to stop, so the pipeline goes on with the question there.');
  }
  if (error.code === 'server-offline') {
    return new ChatError(
      'server-offline',
      'The connection to the server was lost in the middle of the answer, and the answer with it. Retry asks again.',
      { cause: error },
    );
  }
  if (isGone(error)) {
    return new ChatError(
      'task-ended',
      'The pipeline stopped on the server in the middle of the answer. Retry starts it again and asks again.',
      { cause: error },
    );
  }
  return error;
}
