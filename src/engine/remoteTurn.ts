import type { PipelineResult } from '../protocol/question.ts';
import type { ServerSession } from '../rocketride/serverSession.ts';
import type { AskOptions, EngineRequest } from './engine.ts';
import { PipeEvents } from './pipeEvents.ts';
import type { RemoteTask, TaskLink } from './remoteTask.ts';
import { unlessStopped } from './stopped.ts';
import { logTaskError, TaskWatch } from './taskWatch.ts';
import { TurnEvents } from './turnEvents.ts';
import { closedResult, openedPipeId } from './turnFailure.ts';

export interface RemoteTurnOptions {
  readonly link: TaskLink;
  readonly session: ServerSession;
  readonly task: RemoteTask;
  readonly request: EngineRequest;
  readonly pollMs: number;
  readonly log: (message: string, cause?: unknown) => void;
}

/** One question to a task that runs: a pipe is opened, written to and closed; the answer comes with the closing. */
export class RemoteTurn {
  readonly #options: RemoteTurnOptions;
  /** Aborted when no answer can come any more. */
  readonly #lost = new AbortController();
  #isSent = false;

  constructor(options: RemoteTurnOptions) {
    this.#options = options;
  }

  /** Whether the pipeline may have got the question. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** Nothing is reported after it has settled, but what was begun is brought to its end, so that no pipe stays open. */
  async run({ signal, onEvent }: AskOptions): Promise<PipelineResult> {
    const watch = new TaskWatch(this.#options);
    const over = new AbortController();
    const events = new TurnEvents((event) => {
      if (!over.signal.aborted) onEvent(event);
    });
    const work = this.#work(events, signal);
    const end = () => watch.dispose();
    work.then(end, end);
    watch.ended.catch(() => this.#lost.abort());
    try {
      return await unlessStopped(Promise.race([work, watch.ended]), signal);
    } finally {
      over.abort();
    }
  }

  async #work(events: TurnEvents, signal: AbortSignal): Promise<PipelineResult> {
    const { session, task, request, log } = this.#options;
    const object = { name: request.name };
    const mimeType = 'application/rocketride-question';
    const pipeId = openedPipeId(await this.#process({ subcommand: 'open', object, mimeType, provider: 'chat' }));
    const close = () => this.#process({ subcommand: 'close', pipe_id: pipeId });
    const listener = (type: string, data: unknown) => events.take(type, data);
    const pipes = PipeEvents.of(session);
    try {
      await pipes.listen(task, pipeId, listener).catch((error) => {
        // The answer comes all the same, without what the nodes say on the way.
        if (session.isOpen) log("The pipeline's steps can't be watched.", error);
      });
      if (!signal.aborted) {
        this.#isSent = true;
        const data = new TextEncoder().encode(JSON.stringify(request.question));
        await this.#process({ subcommand: 'write', pipe_id: pipeId }, data).catch((error) => {
          // Should the pipe be there still, it must not stay open; the turn has failed, whatever comes of this.
          close().catch(() => undefined);
          throw error;
        });
      }
      const body = await close();
      try {
        return closedResult(body, log);
      } catch (error) {
        void logTaskError(session, task, log);
        throw error;
      }
    } finally {
      pipes.unlisten(task, pipeId, listener);
    }
  }

  /** A model takes as long as it takes: there is no deadline while the task is alive. */
  async #process(args: object, data?: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
    const { session, task } = this.#options;
    const { body } = await session.request(
      'rrext_process',
      { ...args, token: task.token },
      { ...(data ? { data } : {}), timeoutMs: Infinity, signal: this.#lost.signal },
    );
    return body;
  }
}
