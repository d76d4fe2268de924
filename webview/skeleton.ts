import { html, type TemplateResult } from 'lit';

/** The outline of a chat that is on its way. */
export function skeleton(): TemplateResult {
  return html`<div class="skeleton" role="img" aria-label="Loading the chat">
    <span class="bone short right"></span><span class="bone"></span><span class="bone"></span
    ><span class="bone short"></span>
  </div>`;
}
