import { html, LitElement } from 'lit';
import { highlight } from './highlight.ts';
import './copyButtonElement.ts';

/** A block of code with its language and a button that copies it. Colours come when the language is loaded. */
export class CodeBlockElement extends LitElement {
  static override properties = {
    code: { attribute: false },
    language: { attribute: false },
    isOpen: { attribute: false },
    coloured: { state: true },
  };
  declare code: string;
  declare language: string;
  /** Whether more text is on its way; it stays plain until then. */
  declare isOpen: boolean;
  declare coloured: { readonly of: string; readonly content: DocumentFragment } | undefined;

  constructor() {
    super();
    this.code = '';
    this.language = '';
    this.isOpen = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const isNew = ['code', 'language', 'isOpen'].some((name) => changed.has(name));
    // Colours are an extra: when their chunk does not load, the code stays readable without them.
    if (isNew && !this.isOpen) void this.#colour().catch(() => undefined);
  }

  protected override render(): unknown {
    const { code, language, coloured } = this;
    const shown = coloured?.of === code ? coloured.content : code;
    return html`<div class="code-block" role="group" aria-label=${language ? `Code, ${language}` : 'Code'}>
      <div class="code-head">
        <span class="code-language">${language || 'text'}</span>
        <pc-copy-button .text=${code} .label=${'Copy code'}></pc-copy-button>
      </div>
      <pre tabindex="0"><code>${shown}</code></pre>
    </div>`;
  }

  async #colour(): Promise<void> {
    const { code, language } = this;
    const content = await highlight(code, language);
    if (content && this.code === code && this.language === language) this.coloured = { of: code, content };
  }
}

customElements.define('pc-code-block', CodeBlockElement);
