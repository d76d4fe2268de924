import type { EngineEvent } from '../engine/engine.ts';
import type { TurnView } from '../protocol/model.ts';
import type { PipelineResult } from '../protocol/question.ts';

/** Text that a view has to append: to an answer part by its key, or to `reasoning`. */
export interface RunText {
  readonly part: string;
  readonly text: string;
}

/** The answer so far of a question that is being answered here. */
export class Run {
  readonly #controller = new AbortController();
  readonly #parts = new Map<string, string>();
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
        const { nodeId, text } = event.data;
        this.#parts.set(nodeId, (this.#parts.get(nodeId) ?? '') + text);
        return { part: nodeId, text };
      }
      case 'reasoning_chunk':
        this.#reasoning += event.data.text;
        return { part: 'reasoning', text: event.data.text };
      case 'thinking': {
        const text = `${event.data.message}\n\n`;
        this.#reasoning += text;
        return { part: 'reasoning', text };
      }
      case 'chunk_end':
      case 'reasoning_end':
        return undefined;
    }
  }

  view(): Pick<TurnView, 'parts' | 'reasoning'> {
    return {
      parts: [...this.#parts].map(([key, text]) => ({ key, kind: 'markdown', text })),
      ...(this.#reasoning === '' ? {} : { reasoning: this.#reasoning }),
    };
  }

  /** What had arrived as a result of the usual shape; undefined when nothing had. */
  partialAnswer(): PipelineResult | undefined {
    const texts = [...this.#parts.values()].filter((text) => text !== '');
    return texts.length > 0 ? { result_types: { answers: 'answers' }, answers: texts } : undefined;
  }
}
