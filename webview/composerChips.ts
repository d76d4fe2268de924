import { html, nothing, type TemplateResult } from 'lit';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import type { PageParts } from './pageParts.ts';

/** Small facts under the text: which pipeline and model answer, and whether the chat is saved. */
export function composerChips({ turns }: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { pipeline } = snapshot;
  return html`<div class="chips">
    <button type="button" class="chip" title="Open ${pipeline.path}" aria-label="Open ${pipeline.name}" @click=${() => void turns.act('open-pipeline')}>
      ${codicon('go-to-file')}<span class="chip-text">${pipeline.name}</span>
    </button>
    ${
      pipeline.model
        ? html`<span class="chip" title="The model that answers">${codicon('chip')}<span class="chip-text">${pipeline.model}</span></span>`
        : nothing
    }
    ${savingChip(snapshot)}
  </div>`;
}

function savingChip({ chat, isSaving }: ViewSnapshot): TemplateResult {
  const chip = (icon: string, text: string, title: string) =>
    html`<span class="chip" title=${title}>${codicon(icon)}<span class="chip-text">${text}</span></span>`;
  if (chat.isPrivate) return chip('eye-closed', 'Private', 'This chat is never saved');
  if (chat.isSaved) return chip('save', 'Saved', 'This chat is saved beside the pipeline');
  if (chat.isReadOnly) return chip('circle-slash', 'Deleted', 'This chat is not on disk any more');
  if (isSaving) return chip('save', 'Will be saved', 'This chat is saved with its first question');
  return chip('circle-slash', 'Not saved', 'This chat ends with the window');
}
