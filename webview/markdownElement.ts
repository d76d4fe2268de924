import { html, LitElement, nothing } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { CodeBlockElement } from './codeBlockElement.ts';
import { type MarkdownBlock, MarkdownBlocks } from './markdownBlocks.ts';
import { markdownParser } from './markdownParser.ts';
import { safeHtml } from './safeHtml.ts';

/** Shows Markdown. When its text grows, only the last block is drawn anew. */
export class MarkdownElement extends LitElement {
  static override properties = { text: { attribute: false }, isStreaming: { attribute: false } };
  declare text: string;
  declare isStreaming: boolean;
  #blocks = new MarkdownBlocks();

  constructor() {
    super();
    this.text = '';
    this.isStreaming = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // References may be defined after their first use: the finished text is read once as a whole.
    if (changed.get('isStreaming') === true) this.#blocks = new MarkdownBlocks();
  }

  protected override render(): unknown {
    const blocks = this.#blocks.split(this.text);
    return blocks.map((block, at) => {
      const isOpen = this.isStreaming && at === blocks.length - 1;
      return guard([block.source, isOpen, Object.keys(block.env.references ?? {}).length], () => draw(block, isOpen));
    });
  }
}

function draw(block: MarkdownBlock, isOpen: boolean): unknown {
  const [token] = block.tokens;
  if (token?.type === 'fence' || token?.type === 'code_block') {
    const language = token.info.trim().split(/\s+/)[0] ?? '';
    return html`<pc-code-block .code=${token.content} .language=${language} .isOpen=${isOpen && block.isOpenFence}></pc-code-block>`;
  }
  if (block.tokens.length === 0) return nothing;
  const content = safeHtml(markdownParser.renderer.render(block.tokens, markdownParser.options, block.env));
  for (const pre of content.querySelectorAll('pre')) pre.replaceWith(codeBlockFrom(pre, isOpen));
  for (const table of content.querySelectorAll('table')) table.replaceWith(scrolling(table));
  return content;
}

function codeBlockFrom(pre: HTMLPreElement, isOpen: boolean): CodeBlockElement {
  const code = new CodeBlockElement();
  code.code = pre.textContent ?? '';
  code.language = /language-(\S+)/.exec(pre.firstElementChild?.className ?? '')?.[1] ?? '';
  code.isOpen = isOpen;
  return code;
}

/** A wide table scrolls by itself, with the keyboard too, and leaves the page as wide as it is. */
function scrolling(table: HTMLTableElement): HTMLElement {
  const wrapper = document.createElement('div');
  wrapper.className = 'table-scroll';
  wrapper.tabIndex = 0;
  wrapper.setAttribute('role', 'group');
  wrapper.setAttribute('aria-label', 'Table');
  wrapper.append(table.cloneNode(true));
  return wrapper;
}

customElements.define('pc-markdown', MarkdownElement);
