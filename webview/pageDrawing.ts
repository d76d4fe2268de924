import { html, render } from 'lit';
import { announcer, page, waitingPage } from './page.ts';
import type { PageParts } from './pageParts.ts';

/** Draws the page at once, or, for streamed text, at most once in a frame. */
export class PageDrawing {
  readonly #root: HTMLElement;
  readonly #parts: () => PageParts;
  readonly #retry: () => void;
  readonly #around: { before(): void; after(): void };
  #frame: number | undefined;
  #isDrawing = false;

  constructor(root: HTMLElement, parts: () => PageParts, retry: () => void, around: { before(): void; after(): void }) {
    this.#root = root;
    this.#parts = parts;
    this.#retry = retry;
    this.#around = around;
  }

  drawSoon(): void {
    this.#frame ??= requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    // Taking a focused element out of the page fires its blur in the middle of the drawing.
    if (this.#isDrawing) {
      this.drawSoon();
      return;
    }
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#isDrawing = true;
    const parts = this.#parts();
    const { snapshot } = parts.state;
    this.#around.before();
    try {
      render(
        html`${snapshot ? page(parts, snapshot) : waitingPage(parts, this.#retry)} ${announcer(parts)}`,
        this.#root,
      );
    } finally {
      this.#isDrawing = false;
    }
    this.#around.after();
  }
}
