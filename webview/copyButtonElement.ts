import { html, LitElement } from 'lit';
import { codicon } from './codicon.ts';
import { Timer } from './timer.ts';

const DONE_SHOWN_MS = 2000;

/** Asks for its text to be copied by a bubbling `copy-text` event and shows for a moment that it did. */
export class CopyButtonElement extends LitElement {
  static override properties = { text: { attribute: false }, label: { attribute: false }, isDone: { state: true } };
  declare text: string;
  declare label: string;
  declare isDone: boolean;
  readonly #timer = new Timer();

  constructor() {
    super();
    this.text = '';
    this.label = 'Copy';
    this.isDone = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): unknown {
    return html`<button type="button" class="icon-button" title=${this.label} aria-label=${this.label} @click=${this.#copy}>
      ${codicon(this.isDone ? 'check' : 'copy')}
    </button>`;
  }

  readonly #copy = (): void => {
    this.dispatchEvent(new CustomEvent<string>('copy-text', { bubbles: true, detail: this.text }));
    this.isDone = true;
    this.#timer.restart(DONE_SHOWN_MS, () => {
      this.isDone = false;
    });
  };
}

customElements.define('pc-copy-button', CopyButtonElement);
