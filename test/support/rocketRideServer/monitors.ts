import * as z from 'zod/mini';
import { Refusal } from './refusal.ts';
import type { Task } from './task.ts';

const BITS = { DEBUGGER: 1, DETAIL: 2, SUMMARY: 4, OUTPUT: 8, FLOW: 16, TASK: 32, SSE: 64, DASHBOARD: 128, ALL: 255 };
export type EventType = 'SSE' | 'SUMMARY' | 'TASK';

export const monitorArguments = z.looseObject({
  types: z._default(z.union([z.array(z.string()), z.number()]), []),
  projectId: z.optional(z.string()),
  source: z.optional(z.string()),
  pipeId: z.optional(z.number()),
});
export type MonitorArguments = z.infer<typeof monitorArguments>;

/** What one connection wants to hear of. */
export class Monitors {
  readonly #masks = new Map<string, number>();

  /** Replaces what the key wanted; tells what is new. @throws Refusal */
  set(args: MonitorArguments, task: Task | undefined, isEverything: boolean): (type: EventType) => boolean {
    const key = monitorKey(args, task, isEverything);
    const mask = maskOf(args.types);
    const before = this.#masks.get(key) ?? 0;
    if (mask === 0) this.#masks.delete(key);
    else this.#masks.set(key, mask);
    return (type) => (mask & ~before & BITS[type]) !== 0;
  }

  hears(task: Task, type: EventType, pipeId: unknown): boolean {
    const project = `p.${task.spec.projectId}`;
    const own = `${project}.${task.spec.source}`;
    const keys = [own, `${own}.${pipeId}`, `${project}.*`, '*'];
    return keys.some((key) => ((this.#masks.get(key) ?? 0) & BITS[type]) !== 0);
  }
}

function monitorKey({ projectId, source, pipeId }: MonitorArguments, task: Task | undefined, isEverything: boolean) {
  const hasToken = task !== undefined || isEverything;
  if (hasToken && (projectId || source)) {
    throw new Refusal('You must specifiy either token or project_id/source, not both');
  }
  if (isEverything) return '*';
  const [project, id] = task ? [task.spec.projectId, task.spec.source] : [projectId, source];
  if (!project || !id) throw new Refusal('You must specifiy either token or project_id/source');
  return `p.${project}.${id}${pipeId === undefined ? '' : `.${pipeId}`}`;
}

function maskOf(types: readonly string[] | number): number {
  if (typeof types === 'number') return types;
  const bits = new Map(Object.entries(BITS));
  return types.reduce((mask, type) => mask | (bits.get(type.toUpperCase()) ?? 0), 0);
}
