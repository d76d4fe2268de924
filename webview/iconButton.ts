import { html, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { codicon } from './codicon.ts';

export interface IconButton {
  readonly icon: string;
  /** The tooltip, and the name for screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly isDisabled?: boolean;
  readonly isExpanded?: boolean;
  readonly tabIndex?: 0 | -1;
  readonly className?: string;
}

/** A 22 px button that is only a glyph. */
export function iconButton(button: IconButton): TemplateResult {
  return html`<button
    type="button"
    class="icon-button ${button.className ?? ''}"
    title=${button.label}
    aria-label=${button.label}
    aria-expanded=${ifDefined(button.isExpanded)}
    tabindex=${button.tabIndex ?? 0}
    ?disabled=${button.isDisabled ?? false}
    @click=${button.onClick}
  >
    ${codicon(button.icon)}
  </button>`;
}
