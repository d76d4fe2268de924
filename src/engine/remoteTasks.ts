import * as z from 'zod/mini';
import { runnableText } from '../pipelines/runnableText.ts';
import type { ServerSession } from '../rocketride/serverSession.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import type { PipelineRuns, RunTarget } from './engine.ts';
import {
  isEnded,
  placeOf,
  type RemoteTask,
  runningText,
  runningToken,
  startTask,
  type TaskLink,
  watchTarget,
} from './remoteTask.ts';
import { SharedWork } from './sharedWork.ts';

export interface RemoteTasksDeps {
  readonly link: TaskLink;
  readonly log: (message: string, cause?: unknown) => void;
}

const status = z.object({
  project_id: z.string(),
  source: z.string(),
  state: z.number(),
  notes: z.catch(z.array(z.looseObject({ 'auth-key': z.optional(z.string()) })), []),
});

const RUNNING = 3;

/** What is said while a pipeline is in a state, by its number. */
const STATE_NOTES: Readonly<Record<number, string>> = {
  1: 'The server is starting the pipeline…',
  2: 'The server is preparing the nodes. The first time this can take minutes…',
};

/** The pipelines that are known to run on a server, each started or joined once, however many ask of it. */
export class RemoteTasks implements PipelineRuns, Disposable {
  readonly #deps: RemoteTasksDeps;
  readonly #known = new Map<string, RemoteTask>();
  readonly #starts = new Map<string, SharedWork<RemoteTask>>();
  /** Which text was chosen to be left unused. */
  readonly #kept = new Map<string, string>();
  readonly #onDidChange = new Emitter<void>();
  readonly onDidChange = this.#onDidChange.event;

  constructor(deps: RemoteTasksDeps) {
    this.#deps = deps;
  }

  /** The task to ask: the one that is known, else started or joined; `onNote` hears how far that has come. */
  async ready(
    { account: { userToken } }: ServerSession,
    target: RunTarget,
    signal: AbortSignal,
    onNote: (text: string) => void,
  ): Promise<RemoteTask> {
    const starting = this.#starts.get(keyOf(target));
    if (starting && !starting.isGivenUp) return starting.wait(signal, onNote);
    const known = this.#known.get(keyOf(target));
    if (known?.userToken === userToken) return known;
    return this.#start(target, async () => undefined).wait(signal, onNote);
  }

  /** Asks the server anew what runs: others restart pipelines too. */
  async compare(session: ServerSession, target: RunTarget): Promise<void> {
    const task = this.#known.get(keyOf(target));
    if (!task || task.text === undefined) return;
    const text = await runningText(session, task, this.#deps.log);
    if (text === undefined || text === task.text || this.#known.get(keyOf(target)) !== task) return;
    this.#set(target, { ...task, text });
  }

  /** The task has ended. */
  forget(target: RunTarget): void {
    this.#set(target, undefined);
  }

  isOutdated(target: RunTarget): boolean {
    const running = this.#known.get(keyOf(target))?.text;
    if (running === undefined) return false;
    const text = runnableText(target.pipeline.content);
    return running !== text && this.#kept.get(keyOf(target)) !== text;
  }

  async restart(target: RunTarget, signal: AbortSignal): Promise<void> {
    // What is starting can't be ended yet.
    await this.#starts
      .get(keyOf(target))
      ?.wait(signal, () => {})
      .catch(() => undefined);
    const token = this.#known.get(keyOf(target))?.token;
    const work = this.#start(target, async (session) => {
      this.#set(target, undefined);
      if (token !== undefined) await terminate(session, token);
    });
    await work.wait(signal, () => {});
  }

  keep(target: RunTarget): void {
    this.#kept.set(keyOf(target), runnableText(target.pipeline.content));
    this.#onDidChange.fire();
  }

  async publicToken(target: RunTarget): Promise<string | undefined> {
    const session = await this.#deps.link.session();
    try {
      const token = await runningToken(session, target);
      const { body } = await session.request('rrext_get_task_status', { token });
      // The server makes these notes for its own chat page.
      const { data } = status.safeParse(body);
      const notes = data?.state === RUNNING ? data.notes : [];
      return notes.map((note) => note['auth-key']).find((key) => key?.startsWith('pk_'));
    } catch (error) {
      if (isEnded(error)) return undefined;
      throw error;
    }
  }

  dispose(): void {
    this.#onDidChange.dispose();
  }

  #start(target: RunTarget, before: (session: ServerSession) => Promise<void>): SharedWork<RemoteTask> {
    const key = keyOf(target);
    const work = new SharedWork<RemoteTask>(async (signal, note) => {
      try {
        note('Getting the pipeline ready on the server…');
        const session = await this.#deps.link.session({ signal });
        await before(session);
        const watching = this.#noteStates(session, target, note);
        const task = await startTask(session, target, { signal, log: this.#deps.log }).finally(() =>
          watching.dispose(),
        );
        this.#set(target, task);
        return task;
      } finally {
        if (this.#starts.get(key) === work) this.#starts.delete(key);
      }
    });
    this.#starts.set(key, work);
    return work;
  }

  #noteStates(session: ServerSession, target: RunTarget, note: (text: string) => void): Disposable {
    const { projectId, source } = placeOf(target);
    const watching = new DisposableStore();
    watching.add(
      session.onDidReceive(({ event, body }) => {
        const { data } = event === 'apaevt_status_update' ? status.safeParse(body) : {};
        if (data?.project_id !== projectId || data.source !== source) return;
        const text = STATE_NOTES[data.state];
        if (text !== undefined) note(text);
      }),
    );
    watching.add(watchTarget(this.#deps.link, target));
    return watching;
  }

  #set(target: RunTarget, task: RemoteTask | undefined): void {
    if (task) this.#known.set(keyOf(target), task);
    else this.#known.delete(keyOf(target));
    this.#onDidChange.fire();
  }
}

/** A task is known by these two and the account, which is that of the connection. */
function keyOf(target: RunTarget): string {
  const { projectId, source } = placeOf(target);
  return `${projectId} ${source}`;
}

const TERMINATE_MS = 60_000;

async function terminate(session: ServerSession, token: string): Promise<void> {
  try {
    await session.request('terminate', { token }, { timeoutMs: TERMINATE_MS });
  } catch (error) {
    // What has ended by itself needs no ending.
    if (!isEnded(error)) throw error;
  }
}
