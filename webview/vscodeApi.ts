import { type ViewState, viewState } from '../src/protocol/contract.ts';
import type { Port } from '../src/protocol/rpc.ts';

interface RawVsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: ViewState): void;
}

declare function acquireVsCodeApi(): RawVsCodeApi;

/** What VS Code gives a page: a line to the host and a place for its state. May be made once for each document. */
export class VsCodeApi implements Port {
  readonly #raw = acquireVsCodeApi();

  post(message: unknown): void {
    this.#raw.postMessage(message);
  }

  onMessage(listener: (message: unknown) => void): { dispose(): void } {
    const hear = (event: MessageEvent<unknown>) => listener(event.data);
    window.addEventListener('message', hear);
    return { dispose: () => window.removeEventListener('message', hear) };
  }

  /** What the page kept of itself; undefined when there is nothing, or nothing that this version understands. */
  get state(): ViewState | undefined {
    return viewState.safeParse(this.#raw.getState()).data;
  }

  set state(state: ViewState) {
    this.#raw.setState(state);
  }
}
