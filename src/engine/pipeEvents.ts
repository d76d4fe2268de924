import * as z from 'zod/mini';
import type { ServerSession } from '../rocketride/serverSession.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { RemoteTask } from './remoteTask.ts';

const sse = z.object({
  __id: z.string(),
  pipe_id: z.number(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export type PipeListener = (type: string, data: Readonly<Record<string, unknown>>) => void;

/** The answer comes without them too: no question waits longer for its events than this. */
const MONITOR_MS = 5000;

/**
 * Hands what nodes say while they work to the turn that it is for. Pipe ids begin at 0 in every task and are given again
 * after a close, so an event belongs to whoever listens to this pipe of this task on this session, and came last.
 */
export class PipeEvents {
  static readonly #ofSessions = new WeakMap<ServerSession, PipeEvents>();
  readonly #session: ServerSession;
  readonly #listeners = new Map<string, PipeListener>();
  /** The pipes that the server was asked to tell of. */
  readonly #asked = new Set<string>();
  readonly #requests = new Sequencer();

  static of(session: ServerSession): PipeEvents {
    const events = PipeEvents.#ofSessions.get(session) ?? new PipeEvents(session);
    PipeEvents.#ofSessions.set(session, events);
    return events;
  }

  private constructor(session: ServerSession) {
    this.#session = session;
    session.onDidReceive(({ event, body }) => {
      const { data } = event === 'apaevt_sse' ? sse.safeParse(body) : {};
      if (!data) return;
      // A session that reaches one task only does not know its id.
      const keys = [keyOf(data.__id, data.pipe_id), keyOf(undefined, data.pipe_id)];
      for (const key of keys) this.#listeners.get(key)?.(data.type, data.data);
    });
  }

  /** Resolves when the server tells what happens in the pipe. @throws ChatError when it does not */
  listen(task: RemoteTask, pipeId: number, listener: PipeListener): Promise<void> {
    this.#listeners.set(keyOf(task.id, pipeId), listener);
    return this.#sync(task, pipeId);
  }

  unlisten(task: RemoteTask, pipeId: number, listener: PipeListener): void {
    const key = keyOf(task.id, pipeId);
    if (this.#listeners.get(key) !== listener) return;
    this.#listeners.delete(key);
    // A server that tells more than it need does no harm.
    this.#sync(task, pipeId).catch(() => undefined);
  }

  /** One request after another: a pipe may be another turn's before the server has heard that the last one is over. */
  #sync({ id, token }: RemoteTask, pipeId: number): Promise<void> {
    const key = keyOf(id, pipeId);
    return this.#requests.run(key, async () => {
      const isWanted = this.#listeners.has(key);
      if (isWanted === this.#asked.has(key)) return;
      const types = isWanted ? ['SSE'] : [];
      if (!isWanted) this.#asked.delete(key);
      await this.#session.request('rrext_monitor', { types, pipeId, token }, { timeoutMs: MONITOR_MS });
      if (isWanted) this.#asked.add(key);
    });
  }
}

function keyOf(taskId: string | undefined, pipeId: number): string {
  return `${pipeId} ${taskId ?? ''}`;
}
