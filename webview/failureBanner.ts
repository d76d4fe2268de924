import { html, nothing, type TemplateResult } from 'lit';
import { codicon } from './codicon.ts';
import { errorRemedy } from './errorRemedy.ts';
import { iconButton } from './iconButton.ts';
import type { PageParts } from './pageParts.ts';

/** Says what went wrong with the last thing asked of the host, until it is dismissed or tried again. */
export function failureBanner({ state, turns }: PageParts): TemplateResult {
  const { failure } = state;
  const remedy = failure ? errorRemedy(failure.code) : undefined;
  // The alert stands empty from the start: some readers miss one that comes together with its text.
  return html`<div class="failure" role="alert">
    ${
      failure
        ? html`<div class="notice is-error">
            ${codicon('error')}<span class="notice-text">${failure.message}</span>
            <span class="notice-actions">
              ${
                remedy
                  ? html`<vscode-button appearance="secondary" @click=${() => void turns.act(remedy.action)}>${remedy.label}</vscode-button>`
                  : nothing
              }
              ${iconButton({ icon: 'close', label: 'Dismiss', onClick: () => turns.dismissFailure() })}
            </span>
          </div>`
        : nothing
    }
  </div>`;
}
