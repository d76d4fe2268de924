import { html, type TemplateResult } from 'lit';

/** A glyph of VS Code's icon font; the words beside it or the label of its button say what it means. */
export function codicon(name: string): TemplateResult {
  return html`<span class="codicon codicon-${name}" aria-hidden="true"></span>`;
}
