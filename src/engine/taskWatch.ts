import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';
import type { ServerEvent } from '../rocketride/serverMessage.ts';
import type { ServerSession } from '../rocketride/serverSession.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import type { RunTarget } from './engine.ts';
import { isEnded, type RemoteTask, type TaskLink, watchTarget } from './remoteTask.ts';

export interface TaskWatchOptions {
  readonly link: TaskLink;
  readonly request: RunTarget;
  readonly session: ServerSession;
  readonly task: RemoteTask;
  /** Events can be lost: so often the server is asked, in milliseconds. */
  readonly pollMs: number;
  readonly log: (message: string, cause?: unknown) => void;
}

const taskEvent = z.object({ action: z.string() });
const taskStatus = z.object({
  completed: z._default(z.boolean(), false),
  state: z._default(z.number(), 0),
  startTime: z._default(z.number(), 0),
  errors: z._default(z.array(z.unknown()), []),
});

/** Puts the newest error of a task into the log: the server keeps there what it does not answer. */
export async function logTaskError(
  session: ServerSession,
  { token }: RemoteTask,
  log: (message: string, cause?: unknown) => void,
): Promise<void> {
  try {
    const { body } = token === undefined ? {} : await session.request('rrext_get_task_status', { token });
    const error = taskStatus.safeParse(body).data?.errors.at(-1);
    if (error !== undefined) log('The last error of the pipeline on the server:', error);
  } catch (error) {
    log('The server does not tell the errors of the pipeline.', error);
  }
}

/** States of a task that is over: completed, cancelled. */
const OVER = [5, 6];

/** Notices that a task ends: the server leaves requests unanswered when that happens in the middle of them. */
export class TaskWatch implements Disposable {
  /** Rejects with the ChatError `task-ended`; never resolves. */
  readonly ended: Promise<never>;
  readonly #options: TaskWatchOptions;
  readonly #watching = new DisposableStore();
  #end: (error: ChatError) => void = () => {};
  #startTime = 0;
  #isAsking = false;
  #isDisposed = false;

  constructor(options: TaskWatchOptions) {
    this.#options = options;
    this.ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    // Of no interest to anybody once the answer is there.
    this.ended.catch(() => undefined);
    const { link, session, request, pollMs } = options;
    this.#watching.add(session.onDidReceive((event) => this.#hear(event)));
    this.#watching.add(watchTarget(link, request));
    const timer = setInterval(() => void this.#ask(), pollMs);
    this.#watching.add({ dispose: () => clearInterval(timer) });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#watching.dispose();
  }

  #hear({ event, body }: ServerEvent): void {
    if (body.__id !== this.#options.task.id) return;
    if (event === 'apaevt_status_update') this.#look(body);
    if (event !== 'apaevt_task') return;
    const { data } = taskEvent.safeParse(body);
    if (data?.action === 'end' || data?.action === 'restart') this.#over();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { session, task } = this.#options;
    try {
      // A public key may not ask for the status, but whatever is asked of a task is refused once that is over.
      const { body } =
        task.token === undefined
          ? await session.request('rrext_process', { subcommand: 'status' })
          : await session.request('rrext_get_task_status', { token: task.token });
      this.#look(body);
    } catch (error) {
      if (isEnded(error)) this.#over();
      // Any other refusal says nothing about the task; a lost connection ends the turn by itself.
    } finally {
      this.#isAsking = false;
    }
  }

  #look(body: unknown): void {
    const { data } = taskStatus.safeParse(body);
    if (!data) return;
    // The same task, started anew: what it was asked before has gone with the one before.
    const isOther = this.#startTime > 0 && data.startTime > 0 && data.startTime !== this.#startTime;
    this.#startTime = data.startTime || this.#startTime;
    if (data.completed || OVER.includes(data.state) || isOther) this.#over(data.errors);
  }

  #over(errors: readonly unknown[] = []): void {
    // What was asked last may be answered when nobody waits any more.
    if (this.#isDisposed) return;
    this.dispose();
    this.#options.log('The pipeline ended on the server while it was asked.', errors.at(-1));
    this.#end(new ChatError('task-ended', 'The pipeline stopped on the server. Retry starts it again.'));
  }
}
