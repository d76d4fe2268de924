import { v5 as nameId } from 'uuid';
import * as z from 'zod/mini';
import { runnableText } from '../pipelines/runnableText.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type FailureReason, ServerFailure } from '../rocketride/serverFailure.ts';
import type { ServerLink, ServerSession } from '../rocketride/serverSession.ts';
import type { Disposable } from '../util/disposable.ts';
import type { RunTarget } from './engine.ts';
import { publicKey } from './publicKey.ts';

/** What this engine needs of the connection to a server. */
export interface TaskLink extends ServerLink {
  /** Has events of these types sent until it is disposed, however many others have them sent too. */
  subscribe(key: { readonly projectId: string; readonly source: string }, types: readonly string[]): Disposable;
}

/** A pipeline that runs on the server. */
export interface RemoteTask {
  /** The key that it was found with: with another one it may be out of reach, or another task may answer. */
  readonly userToken: string;
  /** Absent with a public key, which belongs to one task: the server takes that, whatever it is told. */
  readonly token: string | undefined;
  /** `__id` of its events; absent with a public key. */
  readonly id: string | undefined;
  /** What runs, to be compared; undefined when the key may not ask for that. */
  readonly text: string | undefined;
}

/**
 * A working day, in seconds: the server's own 15 minutes of idleness end the pipeline of somebody who reads, and one that
 * never ended would be left behind by every file that is tried out.
 */
const TTL_SECONDS = 12 * 60 * 60;

/** Makes the same id of the same file each time: without one the server makes another for each run. */
const ID_NAMESPACE = '6d0c9a54-5f0b-4a52-8f0e-3a5f9e1c7b21';

const started = z.object({ token: z.string(), id: z.string() });
const givenToken = z.object({ token: z.string() });
const givenPipeline = z.object({ pipeline: z.record(z.string(), z.unknown()) });

/** Has the server tell when the pipeline ends, and how it stands meanwhile. */
export function watchTarget(link: TaskLink, target: RunTarget): Disposable {
  return link.subscribe(placeOf(target), ['TASK', 'SUMMARY']);
}

/** How a server knows the pipeline, apart from the account. */
export function placeOf({ pipeline, pipelineUri, sourceId }: RunTarget) {
  return { projectId: pipeline.projectId ?? nameId(pipelineUri, ID_NAMESPACE), source: sourceId };
}

/** @throws ServerFailure `not-running` when it does not run */
export async function runningToken(session: ServerSession, target: RunTarget): Promise<string> {
  const { data } = givenToken.safeParse((await session.request('rrext_get_token', placeOf(target))).body);
  if (data) return data.token;
  throw new ChatError('server-error', 'The server did not say whether the pipeline runs. Try again.');
}

/**
 * Starts the pipeline, or joins it where it is running, and resolves when it takes questions. No values for its
 * placeholders are sent (`env`): the server fills them in from its own environment.
 * @throws ChatError `server-error` or `pipeline-invalid` when it can't be started, `server-forbidden`, `server-offline`
 */
export async function startTask(
  session: ServerSession,
  target: RunTarget,
  { signal, log }: { signal: AbortSignal; log: (message: string, cause?: unknown) => void },
): Promise<RemoteTask> {
  const { pipeline } = target;
  const { projectId, source } = placeOf(target);
  const args = {
    pipeline: { ...pipeline.content, project_id: projectId, source },
    args: [],
    ttl: TTL_SECONDS,
    ...(pipeline.name === undefined ? {} : { name: pipeline.name }),
  };
  const { userToken } = session.account;
  // A first start can take minutes; the server itself gives up when it hears nothing of it for five.
  const execute = async (more: object) => {
    const { body } = await session.request('execute', { ...args, ...more }, { timeoutMs: Infinity, signal });
    const { data } = started.safeParse(body);
    if (!data) throw new ChatError('server-error', 'The server did not say what it started. Try again.');
    if (userToken.startsWith('tk_') && data.token !== userToken) throw otherPipelinesKey();
    return data;
  };
  for (let isSecond = false; ; isSecond = true) {
    try {
      return { userToken, ...(await execute({})), text: runnableText(pipeline.content) };
    } catch (error) {
      if (hasReason(error, 'no-permission')) return { userToken, ...(await findTask(session, target, error)) };
      if (!hasReason(error, 'already-running')) throw startFailure(error, log);
    }
    try {
      const task = await execute({ useExisting: true });
      return { userToken, ...task, text: await runningText(session, task, log) };
    } catch (error) {
      // When it ended while it was joined, it can be started.
      if (isSecond || !isEnded(error)) throw startFailure(error, log);
    }
  }
}

/** What runs, to be compared; undefined when the server does not tell. */
export async function runningText(
  session: ServerSession,
  { token }: Pick<RemoteTask, 'token'>,
  log: (message: string, cause?: unknown) => void,
): Promise<string | undefined> {
  if (token === undefined) return undefined;
  try {
    const parsed = givenPipeline.safeParse((await session.request('rrext_get_pipeline', { token })).body);
    return parsed.success ? runnableText(parsed.data.pipeline) : undefined;
  } catch (error) {
    if (!isEnded(error)) log('The server does not tell which version of the pipeline runs.', error);
    return undefined;
  }
}

/** What a task is asked for is refused like this once it is over. */
export function isEnded(error: unknown): boolean {
  return hasReason(error, 'task-ended', 'not-running', 'empty');
}

function hasReason(error: unknown, ...reasons: readonly FailureReason[]): boolean {
  return error instanceof ServerFailure && reasons.includes(error.reason);
}

/** With a key that may not start anything, what somebody else has started can be asked all the same. */
async function findTask(
  session: ServerSession,
  target: RunTarget,
  refusal: unknown,
): Promise<Omit<RemoteTask, 'userToken'>> {
  const place = placeOf(target);
  const { userToken } = session.account;
  if (userToken.startsWith('pk_')) {
    if (userToken !== publicKey(place.projectId, place.source)) throw otherPipelinesKey();
    return { token: undefined, id: undefined, text: undefined };
  }
  try {
    const token = await runningToken(session, target);
    // The id is made of the token's first digits.
    return { token, id: `${token.replace(/^tk_/, '').slice(0, 8)}.${place.source}`, text: undefined };
  } catch {
    // Why it can't be found matters less than that it can't be started.
    throw refusal;
  }
}

/** The key of a task reaches that task only: a question would go there, whatever pipeline it was asked of. */
function otherPipelinesKey(): ChatError {
  return new ChatError(
    'server-forbidden',
    'The key belongs to another pipeline. Set one for this pipeline, or for all.',
  );
}

function startFailure(error: unknown, log: (message: string, cause?: unknown) => void): unknown {
  if (!(error instanceof ServerFailure)) return error;
  log('The server could not start the pipeline.', error.serverText);
  if (!isEnded(error) && !hasReason(error, 'other')) return error;
  return new ChatError(
    'server-error',
    'The server could not start the pipeline. The log has its words; check the nodes, then ask again.',
    { cause: error },
  );
}
