import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Notice, ViewSnapshot } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import type { PageParts } from './pageParts.ts';

/** What the host wants known about the pipeline or the store, above the composer. Each is read out once, when it comes. */
export function noticeList(parts: PageParts, { notices }: ViewSnapshot): TemplateResult {
  return html`<div class="notices" role="status" aria-atomic="false" aria-label="Notices">
    ${repeat(
      notices,
      (notice) => notice.id,
      (notice) => noticeBox(parts, notice),
    )}
  </div>`;
}

function noticeBox({ turns }: PageParts, notice: Notice): TemplateResult {
  return html`<div class="notice is-${notice.severity}">
    ${codicon(notice.severity)}<span class="notice-text">${notice.message}</span>
    <span class="notice-actions">
      ${notice.actions.map(
        ({ action, label }, at) =>
          html`<vscode-button appearance=${at === 0 ? 'primary' : 'secondary'} @click=${() => void turns.act(action)}>${label}</vscode-button>`,
      )}
    </span>
  </div>`;
}
