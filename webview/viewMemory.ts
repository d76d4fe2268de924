import type { OpenChat } from '../src/protocol/model.ts';
import { Timer } from './timer.ts';
import type { VsCodeApi } from './vscodeApi.ts';

type KeptChat = Pick<OpenChat, 'chatId' | 'isPrivate' | 'title'>;

const PAUSE_MS = 200;

/** What the page keeps of itself over a reload: which chat it shows, and where its reader is. */
export class ViewMemory {
  readonly #api: VsCodeApi;
  readonly #pipelineUri: string;
  readonly #timer = new Timer();
  #restored: { readonly chatId: string; readonly scrollTop: number } | undefined;
  #shown: KeptChat | undefined;

  constructor(api: VsCodeApi, pipelineUri: string) {
    this.#api = api;
    this.#pipelineUri = pipelineUri;
    const kept = api.state;
    // A window that ends before the first snapshot can bring the panel back by this.
    if (kept?.pipelineUri !== pipelineUri) api.state = { pipelineUri };
    if (kept?.chatId && kept.scrollTop !== undefined && kept.pipelineUri === pipelineUri) {
      this.#restored = { chatId: kept.chatId, scrollTop: kept.scrollTop };
    }
  }

  keepChat({ chatId, isPrivate, title }: KeptChat): void {
    if (chatId === this.#shown?.chatId && title === this.#shown.title) return;
    this.#shown = { chatId, isPrivate, title };
    this.#timer.cancel();
    this.#api.state = { pipelineUri: this.#pipelineUri, ...this.#shown };
  }

  keepScroll(scrollTop: number): void {
    this.#timer.restart(PAUSE_MS, () => {
      this.#api.state = { pipelineUri: this.#pipelineUri, ...this.#shown, scrollTop };
    });
  }

  /** Where the reader was before the reload; told once, when that chat is shown first. */
  takeScroll(chatId: string | undefined): number | undefined {
    if (chatId === undefined) return undefined;
    const restored = this.#restored;
    this.#restored = undefined;
    return restored?.chatId === chatId ? restored.scrollTop : undefined;
  }
}
