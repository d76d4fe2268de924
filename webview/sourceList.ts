import { html, nothing, type TemplateResult } from 'lit';
import type { SourceDocument } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';

const EXCERPT_LENGTH = 160;

/** The documents that an answer rests on: their names and how they begin, the texts folded. */
export function sourceList(documents: readonly SourceDocument[]): TemplateResult {
  return html`<ol class="sources" aria-label="Sources">
    ${documents.map(
      (source) => html`<li>
        <details class="fold source">
          <summary>
            ${codicon('chevron-right')}<span class="source-name">${source.name}</span>${score(source)}
            <span class="source-excerpt">${excerpt(source.text)}</span>
          </summary>
          <div class="source-text">${source.text}</div>
        </details>
      </li>`,
    )}
  </ol>`;
}

function score({ score }: SourceDocument): TemplateResult | typeof nothing {
  return score === undefined
    ? nothing
    : html`<span class="source-score" title="How well it fits">${score.toFixed(2)}</span>`;
}

function excerpt(text: string): string {
  const line = text
    .slice(0, 2 * EXCERPT_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line;
}
