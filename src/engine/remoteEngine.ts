import { chatSources } from '../pipelines/chatSources.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { PipelineResult } from '../protocol/question.ts';
import type { Disposable } from '../util/disposable.ts';
import type { AskOptions, Engine, EngineRequest, PipelineRuns } from './engine.ts';
import { type TaskLink, watchTarget } from './remoteTask.ts';
import { RemoteTasks } from './remoteTasks.ts';
import { RemoteTurn } from './remoteTurn.ts';
import { stopped } from './stopped.ts';
import { isGone, turnFailure } from './turnFailure.ts';

export interface RemoteEngineDeps {
  readonly link: TaskLink;
  /** Hears what the server says of failures, which is not for the user's eyes. */
  readonly log: (message: string, cause?: unknown) => void;
  /** How often a pipeline is asked for that it is alive while an answer is awaited, in milliseconds. Default 15,000. */
  readonly pollMs?: number;
}

const POLL_MS = 15_000;

/** Runs pipelines on a RocketRide server. */
export class RemoteEngine implements Engine, Disposable {
  readonly #deps: RemoteEngineDeps;
  readonly #tasks: RemoteTasks;

  constructor(deps: RemoteEngineDeps) {
    this.#deps = deps;
    this.#tasks = new RemoteTasks(deps);
  }

  get runs(): PipelineRuns {
    return this.#tasks;
  }

  /** Only what a chat needs of it: what its nodes can do is known to the server alone. */
  check(pipeline: Pipeline, sourceId: string): void {
    if (chatSources(pipeline).some(({ id }) => id === sourceId)) return;
    throw new ChatError('pipeline-invalid', `The pipeline has no chat source "${sourceId}". Choose another one.`);
  }

  async ask(request: EngineRequest, options: AskOptions): Promise<PipelineResult> {
    const { link, log, pollMs = POLL_MS } = this.#deps;
    const { signal, onEvent } = options;
    const onNote = (message: string) => onEvent({ type: 'thinking', data: { message } });
    if (signal.aborted) throw stopped();
    // From before the start until after the end, so that no other part takes it back in between.
    const watching = watchTarget(link, request);
    try {
      for (let isSecond = false; ; isSecond = true) {
        const session = await link.session({ signal });
        let turn: RemoteTurn | undefined;
        try {
          const task = await this.#tasks.ready(session, request, signal, onNote);
          turn = new RemoteTurn({ link, session, task, request, pollMs, log });
          void this.#tasks.compare(session, request);
          return await turn.run(options);
        } catch (error) {
          if (isSecond || turn?.isSent || !isGone(error)) throw turn ? turnFailure(error, turn.isSent, log) : error;
          // It had ended before, or the connection had: nothing was under way, so nobody need know.
          this.#tasks.forget(request);
        }
      }
    } finally {
      watching.dispose();
    }
  }

  dispose(): void {
    this.#tasks.dispose();
  }
}
