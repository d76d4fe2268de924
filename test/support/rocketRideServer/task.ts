import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal.ts';
import type { Responder } from './responder.ts';
import { TaskPipes } from './taskPipes.ts';
import { chatNote, noTaskStatus, TASK_STATE, type TaskStatus } from './taskStatus.ts';
import { publicToken } from './tokens.ts';

export interface TaskDeps {
  readonly answer: Responder;
  readonly publish: (task: Task, type: 'SSE' | 'SUMMARY' | 'TASK', event: string, body: object) => void;
}

export interface TaskSpec {
  readonly token: string;
  readonly userId: string;
  readonly projectId: string;
  readonly source: string;
  readonly provider: string;
  readonly pipeline: Readonly<Record<string, unknown>>;
  /** Shown; the source's id is added. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly threads: number;
  /** Seconds without work until it is stopped; 0 for never. */
  readonly ttl: number;
}

/** One running pipeline. */
export class Task {
  readonly spec: TaskSpec;
  readonly token: string;
  readonly userId: string;
  readonly publicToken: string;
  /** Shown, and `__id` of its events. */
  readonly id: string;
  readonly pipes: TaskPipes;
  idleSeconds = 0;
  readonly #deps: TaskDeps;
  readonly #abort = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  #started: Promise<void> = Promise.resolve();
  #status: TaskStatus;

  constructor(spec: TaskSpec, deps: TaskDeps) {
    this.spec = spec;
    this.#deps = deps;
    this.token = spec.token;
    this.userId = spec.userId;
    this.publicToken = publicToken(spec);
    this.id = `${spec.token.replace(/^[tp]k_/, '').slice(0, 8)}.${spec.source}`;
    const identity = { name: `${spec.name}.${spec.source}`, project_id: spec.projectId, source: spec.source };
    this.#status = { ...noTaskStatus, ...identity, startTime: Date.now() / 1000, state: TASK_STATE.starting };
    this.pipes = new TaskPipes({
      answer: deps.answer,
      context: { pipeline: spec.pipeline, sourceId: spec.source, env: spec.env, signal: this.#abort.signal },
      threads: spec.threads,
      emit: (pipe_id, type, data) => deps.publish(this, 'SSE', 'apaevt_sse', { pipe_id, type, data }),
      onCrash: () => this.crash(),
      onClose: (size, hasFailed) => this.#count(size, hasFailed),
    });
  }

  get status(): TaskStatus {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#status.completed;
  }

  /** Resolves when it has ended, however. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  start(delayMs: number, action: 'begin' | 'restart'): void {
    this.#started = this.#start(delayMs, action);
  }

  /** Resolves when it takes questions. @throws Refusal when it has ended; without a text when it was terminated. */
  async running(): Promise<void> {
    await Promise.race([this.#started, this.over]);
    if (this.#status.state === TASK_STATE.completed) throw new Refusal('Task has already completed');
    if (this.isOver) throw new Refusal('');
  }

  async terminate(delayMs: number): Promise<void> {
    if (this.isOver) return;
    this.#set({ state: TASK_STATE.stopping, status: 'Stopping', serviceUp: false });
    if (delayMs > 0) await sleep(delayMs);
    this.#end({ state: TASK_STATE.cancelled, status: 'Stopped' });
  }

  /** Its process dies, which the server takes for a good end. */
  crash(): void {
    this.#set({ state: TASK_STATE.stopping, status: 'Stopping', serviceUp: false });
    this.#end({ state: TASK_STATE.completed, status: 'Completed' });
  }

  /** As when the server itself dies: nobody hears of it. */
  vanish(): void {
    this.#abort.abort();
    this.#over.resolve();
  }

  async #start(delayMs: number, action: 'begin' | 'restart'): Promise<void> {
    this.#set({ state: TASK_STATE.initializing });
    this.#publishAction(action);
    // The end of the task ends the wait, and is told to whoever waits.
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: this.#abort.signal }).catch(() => {});
    if (this.isOver || this.#abort.signal.aborted) return;
    const isChat = this.spec.provider === 'chat';
    this.#set({
      state: TASK_STATE.running,
      serviceUp: true,
      status: isChat ? 'Chat ready - system is ready to accept questions' : 'Ready',
      notes: isChat ? [chatNote(this.token, this.publicToken)] : [],
    });
  }

  #end(last: Partial<TaskStatus>): void {
    if (this.isOver) return;
    this.#set({ ...last, completed: true, endTime: Date.now() / 1000, notes: [] });
    this.#publishAction('end');
    this.#abort.abort();
    this.#over.resolve();
  }

  #count(size: number, hasFailed: boolean): void {
    const { totalSize, totalCount, completedSize, completedCount, failedSize, failedCount } = this.#status;
    this.#set({
      totalSize: totalSize + size,
      totalCount: totalCount + 1,
      ...(hasFailed
        ? { failedSize: failedSize + size, failedCount: failedCount + 1 }
        : { completedSize: completedSize + size, completedCount: completedCount + 1 }),
    });
  }

  #set(change: Partial<TaskStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#deps.publish(this, 'SUMMARY', 'apaevt_status_update', this.#status);
  }

  #publishAction(action: 'begin' | 'restart' | 'end'): void {
    const { projectId, source } = this.spec;
    this.#deps.publish(this, 'TASK', 'apaevt_task', { action, name: this.#status.name, projectId, source });
  }
}
