import { html, nothing, type TemplateResult } from 'lit';
import type { TurnView } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import { errorRemedy } from './errorRemedy.ts';
import type { PageParts } from './pageParts.ts';
import type { TurnPlace } from './turnPlace.ts';

type Resolution = 'retry' | 'keep' | 'discard';

/** The line under an answer that is not simply done: that it is coming, or why it did not and what can be done. */
export function turnOutcome(parts: PageParts, turn: TurnView, place: TurnPlace): TemplateResult | typeof nothing {
  const button = (label: string, how: Resolution) => resolveButton(parts, turn.id, place, label, how);
  switch (turn.state) {
    case 'done':
      return nothing;
    case 'running':
      return html`<p class="outcome progress"><span class="shimmer">${progress(turn)}</span></p>`;
    case 'elsewhere':
      return html`<p class="outcome">${codicon('multiple-windows')}<span>Answering in another window</span></p>`;
    case 'stopped':
      return html`<p class="outcome">${codicon('circle-slash')}<span>${turn.error?.message ?? 'Stopped'}</span></p>
        <div class="outcome-actions">${button('Retry', 'retry')}</div>`;
    case 'interrupted':
      return html`<p class="outcome is-warning">
          ${codicon('warning')}<span>${turn.error?.message ?? 'The window closed before the answer was complete. Ask again, or keep what arrived.'}</span>
        </p>
        <div class="outcome-actions">${button('Retry', 'retry')}${button('Keep', 'keep')}${button('Discard', 'discard')}</div>`;
    case 'failed':
      return failed(parts, turn, button('Retry', 'retry'));
  }
}

/** What is being done, until the answer itself can be read. */
function progress({ parts, steps }: TurnView): string {
  return (parts.length === 0 ? steps?.at(-1) : undefined) ?? 'Answering…';
}

function failed({ turns }: PageParts, { error }: TurnView, retry: TemplateResult): TemplateResult {
  const remedy = error ? errorRemedy(error.code) : undefined;
  return html`<p class="outcome is-error">
      ${codicon('error')}<span>${error?.message ?? 'The pipeline gave no answer. Ask again.'}</span>
    </p>
    <div class="outcome-actions">
      ${
        remedy
          ? html`<button type="button" class="small-button" @click=${() => void turns.act(remedy.action)}>${remedy.label}</button>`
          : nothing
      }${retry}
    </div>`;
}

function resolveButton(
  { turns }: PageParts,
  turnId: string,
  place: TurnPlace,
  label: string,
  how: Resolution,
): TemplateResult {
  return html`<button
    type="button"
    class="small-button"
    ?disabled=${how === 'retry' && !place.canRetry}
    @click=${() => void turns.resolve(place.chatId, turnId, how)}
  >
    ${label}
  </button>`;
}
