import { html, type TemplateResult } from 'lit';
import { codicon } from './codicon.ts';

/** The steps of the work on an answer, folded under their number. */
export function workSteps(steps: readonly string[]): TemplateResult {
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return html`<details class="fold steps">
    <summary>${codicon('chevron-right')}Thinking · ${count}</summary>
    <ol>
      ${steps.map((step) => html`<li>${step}</li>`)}
    </ol>
  </details>`;
}
