import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import * as z from 'zod/mini';
import { type PipelineResult, question, questionText } from '../../../src/protocol/question.ts';
import { ChildCrash, ChildError } from './refusal.ts';
import type { Asked, Responder } from './responder.ts';

interface Pipe {
  readonly name: string;
  result: PipelineResult;
  hasFailed: boolean;
  isBusy: boolean;
  size: number;
  usedMs: number;
}

export interface TaskPipesDeps {
  readonly answer: Responder;
  readonly context: Pick<Asked, 'pipeline' | 'sourceId' | 'env' | 'signal'>;
  readonly emit: (pipeId: number, type: string, data: Readonly<Record<string, unknown>>) => void;
  /** How many pipes may be open at once; a further one waits. */
  readonly threads: number;
  readonly onCrash: () => void;
  readonly onClose: (size: number, hasFailed: boolean) => void;
}

const ABANDONED_MS = 60_000;
const OBJECTS = v5('Stream', v5.URL);
const openArguments = z.looseObject({ object: z.looseObject({ name: z.optional(z.string()) }), mimeType: z.string() });

/** The pipes of one task, which any connection may use by their numbers. */
export class TaskPipes {
  readonly #deps: TaskPipesDeps;
  readonly #pipes = new Map<number, Pipe>();
  readonly #waiting: (() => void)[] = [];

  constructor(deps: TaskPipesDeps) {
    this.#deps = deps;
  }

  /** @throws ChildError */
  async open(args: Readonly<Record<string, unknown>>): Promise<number> {
    const parsed = openArguments.safeParse(args);
    if (!parsed.success) throw new ChildError(args.object ? 'No mimeType specified' : 'No object info specified');
    this.#dropAbandoned();
    while (this.#pipes.size >= this.#deps.threads) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let id = 0;
    while (this.#pipes.has(id)) id += 1;
    const name = parsed.data.object.name ?? randomUUID();
    this.#pipes.set(id, { name, result: {}, hasFailed: false, isBusy: false, size: 0, usedMs: Date.now() });
    return id;
  }

  /** Runs what is written; of several writes the values come one behind the other. @throws ChildError */
  async write(id: unknown, data: Uint8Array | undefined): Promise<void> {
    const pipe = this.#pipe(id, 'Write');
    if (pipe.hasFailed) throw new ChildError(`Write pipe with id ${id} has failed`);
    if (!data) throw new ChildError('No data specified');
    pipe.size += data.length;
    pipe.isBusy = true;
    try {
      const asked = question.parse(JSON.parse(Buffer.from(data).toString()));
      const emit: Asked['emit'] = (type, values) => this.#deps.emit(Number(id), type, values);
      const given = { question: asked, text: questionText(asked), name: pipe.name, emit, ...this.#deps.context };
      pipe.result = joined(pipe.result, await this.#deps.answer(given));
    } catch (error) {
      if (error instanceof ChildCrash) return await this.#crash();
      pipe.hasFailed = true;
      throw new ChildError(error instanceof Error ? error.message : String(error));
    } finally {
      pipe.isBusy = false;
      pipe.usedMs = Date.now();
    }
  }

  /** @throws ChildError */
  close(id: unknown): PipelineResult {
    const { name, result, size, hasFailed } = this.#pipe(id, 'Close');
    this.#pipes.delete(Number(id));
    this.#waiting.shift()?.();
    this.#deps.onClose(size, hasFailed);
    return { ...result, name, path: 'Stream', objectId: v5(name, OBJECTS) };
  }

  #pipe(id: unknown, deed: string): Pipe {
    if (id === undefined) throw new ChildError('No pipe_id specified');
    const pipe = this.#pipes.get(Number(id));
    if (!pipe) throw new ChildError(`${deed} pipe with id ${id} not found`);
    return pipe;
  }

  #dropAbandoned(): void {
    for (const [id, pipe] of this.#pipes) {
      if (!pipe.isBusy && Date.now() - pipe.usedMs > ABANDONED_MS) this.close(id);
    }
  }

  /** Never ends: a dead process answers nothing. */
  #crash(): Promise<never> {
    this.#deps.onCrash();
    return new Promise(() => {});
  }
}

function joined(before: PipelineResult, after: PipelineResult): PipelineResult {
  const result: PipelineResult = { ...before, ...after };
  for (const [key, value] of Object.entries(after)) {
    const earlier = before[key];
    if (Array.isArray(earlier) && Array.isArray(value)) result[key] = [...earlier, ...value];
  }
  return before.result_types && after.result_types
    ? { ...result, result_types: { ...before.result_types, ...after.result_types } }
    : result;
}
