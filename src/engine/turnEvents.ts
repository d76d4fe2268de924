import * as z from 'zod/mini';
import type { EngineEvent } from './engine.ts';

const place = { seq: z.number(), runId: z.string(), nodeId: z.string(), ts: z._default(z.number(), 0) };
const chunk = z.object({ ...place, text: z.string() });
const ended = z.object(place);
const chunkEnd = z.object({ ...place, finishReason: z._default(z.nullable(z.string()), null) });
const thinking = z.object({ message: z.string().check(z.regex(/\S/)) });

/** All that is shown of one turn on the way to its answer, in characters; what an event costs beside its text. */
const MOST_TEXT = 32 * 1024 * 1024;
const EVENT_COST = 100;

/**
 * Reads what a server pushes during one turn; what is malformed, unknown or repeated is left out, and so is what comes of
 * a stream that does not end: the answer comes whole in any case.
 */
export class TurnEvents {
  readonly #onEvent: (event: EngineEvent) => void;
  #textLeft = MOST_TEXT;
  readonly #lastSeqs = new Map<string, number>();

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  take(type: string, said: unknown): void {
    const event = readEvent(type, said);
    if (!event) return;
    this.#textLeft -= EVENT_COST + lengthOf(event);
    if (this.#textLeft >= 0 && this.#isNew(event)) this.#onEvent(event);
  }

  /** Text and reasoning are numbered apart, for each run of a node. */
  #isNew(event: EngineEvent): boolean {
    if (event.type === 'thinking') return true;
    const { runId, nodeId, seq } = event.data;
    const counter = `${event.type.startsWith('reasoning')} ${runId}:${nodeId}`;
    if (seq <= (this.#lastSeqs.get(counter) ?? -1)) return false;
    this.#lastSeqs.set(counter, seq);
    return true;
  }
}

function lengthOf(event: EngineEvent): number {
  if (event.type === 'thinking') return event.data.message.length;
  const { runId, nodeId } = event.data;
  return runId.length + nodeId.length + ('text' in event.data ? event.data.text.length : 0);
}

function readEvent(type: string, said: unknown): EngineEvent | undefined {
  switch (type) {
    case 'chunk':
    case 'reasoning_chunk': {
      const { data } = chunk.safeParse(said);
      return data && { type, data };
    }
    case 'reasoning_end': {
      const { data } = ended.safeParse(said);
      return data && { type, data };
    }
    case 'chunk_end': {
      const { data } = chunkEnd.safeParse(said);
      return data && { type, data };
    }
    case 'thinking': {
      const { data } = thinking.safeParse(said);
      return data && { type, data };
    }
    default:
      return undefined;
  }
}
