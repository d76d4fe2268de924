import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { givenPipeline, pipelineSource } from './pipelineSource.ts';
import { Refusal } from './refusal.ts';
import { Task, type TaskDeps } from './task.ts';
import { taskToken } from './tokens.ts';
import type { Traps } from './traps.ts';

const DEFAULT_TTL_SECONDS = 900;
const DEFAULT_THREADS = 64;
/** How long a task that has ended can still be asked for. */
const KEPT_SECONDS = 300;

const executeArguments = z.looseObject({
  pipeline: z.optional(givenPipeline),
  source: z.optional(z.string()),
  token: z.optional(z.string()),
  ttl: z._default(z.number(), DEFAULT_TTL_SECONDS),
  threads: z._default(z.number(), DEFAULT_THREADS),
  useExisting: z._default(z.boolean(), false),
  name: z.optional(z.string()),
  env: z._default(z.record(z.string(), z.string()), {}),
});

/** The pipelines that run on a server, of all users. */
export class Tasks {
  readonly #deps: TaskDeps;
  readonly #traps: Traps;
  readonly #tasks = new Map<string, Task>();

  constructor(deps: TaskDeps, traps: Traps) {
    this.#deps = deps;
    this.#traps = traps;
  }

  get all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  byToken(token: string): Task | undefined {
    return this.#tasks.get(token);
  }

  byPublicToken(token: string): Task | undefined {
    return this.all.find((task) => task.publicToken === token);
  }

  byProject(projectId: unknown, source: unknown): Task | undefined {
    return this.all.find(({ spec }) => spec.projectId === projectId && spec.source === source);
  }

  /** @throws Refusal when there is none. */
  get(token: unknown): Task {
    if (typeof token !== 'string' || token === '') throw new Refusal('Task token is required');
    const task = this.#tasks.get(token);
    if (!task) throw new Refusal('Your pipeline is not running');
    return task;
  }

  /** Starts a pipeline, or finds the one that runs; resolves when it takes questions. @throws Refusal */
  async execute(request: Readonly<Record<string, unknown>>, userId: string): Promise<object> {
    const args = executeArguments.parse(request);
    if (!args.pipeline) throw new Refusal("'NoneType' object has no attribute 'get'");
    const { id: source, provider } = pipelineSource(args.pipeline, args.source);
    const pipeline = { ...args.pipeline, source };
    const projectId = pipeline.project_id || randomUUID();
    const token = args.token ?? taskToken({ projectId, source, userId });
    const existing = this.#tasks.get(token);
    if (existing && !existing.isOver) {
      if (!args.useExisting) throw new Refusal('Pipeline is already running.');
      await existing.running();
      return started(existing);
    }
    const env = Object.fromEntries(Object.entries(args.env).filter(([key]) => key.startsWith('ROCKETRIDE_')));
    const { ttl, threads, name = projectId } = args;
    const spec = { token, userId, projectId, source, provider, pipeline, name, env, threads, ttl };
    return this.#run(new Task(spec, this.#deps), 'begin');
  }

  /** The same task with another pipeline. @throws Refusal */
  async restart(request: Readonly<Record<string, unknown>>): Promise<object> {
    const { pipeline } = executeArguments.parse(request);
    if (!pipeline) throw new Refusal('Missing pipeline configuration in restart request');
    const task = this.get(request.token);
    const { provider } = pipelineSource(pipeline, task.spec.source);
    task.vanish();
    return this.#run(new Task({ ...task.spec, provider, pipeline }, this.#deps), 'restart');
  }

  terminate(token: unknown): Promise<void> {
    return this.get(token).terminate(this.#traps.stopDelayMs);
  }

  /** Lets time pass for idle tasks and for those that have ended. */
  async passTime(seconds: number): Promise<void> {
    for (const task of this.all) {
      task.idleSeconds += seconds;
      if (task.isOver) {
        if (task.idleSeconds >= KEPT_SECONDS) this.#tasks.delete(task.token);
      } else if (task.spec.ttl > 0 && task.idleSeconds >= task.spec.ttl) {
        await task.terminate(0);
        task.idleSeconds = 0;
      }
    }
  }

  async #run(task: Task, action: 'begin' | 'restart'): Promise<object> {
    this.#tasks.set(task.token, task);
    task.start(this.#traps.startDelayMs, action);
    try {
      await task.running();
      return started(task);
    } catch (error) {
      if (this.#tasks.get(task.token) === task) this.#tasks.delete(task.token);
      throw error;
    }
  }
}

function started({ id, token, publicToken, spec }: Task): object {
  const { projectId, source, provider } = spec;
  return { id, token, publicToken, projectId, source, provider };
}
