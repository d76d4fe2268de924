import type { EngineEvent } from '../engine/engine.ts';
import type { TurnView } from '../protocol/model.ts';
import type { PipelineResult } from '../protocol/question.ts';

/** Text that a view has to append: to an answer part by its key, to `reasoning`, or to `steps` as lines of its own. */
export interface RunText {
  readonly part: string;
  readonly text: string;
}

interface StreamedPart {
  readonly text: string;
  readonly runId: string;
}

/** The answer so far of a question that is being answered here. */
export class Run {
  readonly #controller = new AbortController();
  readonly #parts = new Map<string, StreamedPart>();
  readonly #steps: string[] = [];
  #reasoning = '';

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Adds what an event brings; returns the text that a view has to append, if any. */
  take(event: EngineEvent): RunText | undefined {
    switch (event.type) {
      case 'chunk': {
        const { nodeId, runId } = event.data;
        const before = this.#parts.get(nodeId);
        // A node that is called again begins anew, below what it said before.
        const text = before && before.runId !== runId ? `\n\n${event.data.text}` : event.data.text;
        this.#parts.set(nodeId, { text: (before?.text ?? '') + text, runId });
        return { part: nodeId, text };
      }
      case 'reasoning_chunk':
        this.#reasoning += event.data.text;
        return { part: 'reasoning', text: event.data.text };
      case 'thinking': {
        const step = event.data.message.replace(/\s+/g, ' ').trim();
        this.#steps.push(step);
        return { part: 'steps', text: `${step}\n` };
      }
      case 'chunk_end':
      case 'reasoning_end':
        return undefined;
    }
  }

  view(): Pick<TurnView, 'parts' | 'reasoning' | 'steps'> {
    return {
      parts: [...this.#parts].map(([key, { text }]) => ({ key, kind: 'markdown', text })),
      ...(this.#reasoning === '' ? {} : { reasoning: this.#reasoning }),
      ...(this.#steps.length === 0 ? {} : { steps: [...this.#steps] }),
    };
  }

  /** What had arrived as a result of the usual shape; undefined when nothing had. */
  partialAnswer(): PipelineResult | undefined {
    const texts = [...this.#parts.values()].map(({ text }) => text).filter((text) => text !== '');
    return texts.length > 0 ? { result_types: { answers: 'answers' }, answers: texts } : undefined;
  }
}
