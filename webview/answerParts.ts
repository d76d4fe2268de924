import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { AnswerPart, TurnView } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import './codeBlockElement.ts';
import './markdownElement.ts';
import { sourceList } from './sourceList.ts';
import { workSteps } from './workSteps.ts';

/** The thinking, folded, and the parts of an answer, each under its label when there are several. */
export function answerParts(turn: TurnView): TemplateResult {
  const isStreaming = turn.state === 'running';
  const isLabelled = turn.parts.length > 1;
  return html`${turn.steps ? workSteps(turn.steps) : nothing} ${turn.reasoning ? reasoning(turn.reasoning, isStreaming) : nothing}
  ${repeat(
    turn.parts,
    (part) => part.key,
    (part) => html`<section class="part">
      ${isLabelled ? html`<div class="part-label">${part.label ?? part.key}</div>` : nothing} ${content(part, isStreaming)}
    </section>`,
  )}`;
}

function reasoning(text: string, isStreaming: boolean): TemplateResult {
  return html`<details class="fold reasoning">
    <summary>${codicon('chevron-right')}Reasoning</summary>
    <pc-markdown class="prose" .text=${text} .isStreaming=${isStreaming}></pc-markdown>
  </details>`;
}

function content(part: AnswerPart, isStreaming: boolean): TemplateResult {
  switch (part.kind) {
    case 'markdown':
      return html`<pc-markdown class="prose" .text=${part.text} .isStreaming=${isStreaming}></pc-markdown>`;
    case 'json':
      return html`<pc-code-block .code=${indented(part.text)} .language=${'json'} .isOpen=${isStreaming}></pc-code-block>`;
    case 'documents':
      return sourceList(part.documents);
    case 'image':
      return html`<img class="answer-image" src="data:${part.mimeType};base64,${part.base64}" alt=${part.text} />`;
    case 'file':
      return html`<p class="answer-file">${codicon('file-media')}<span>${part.text}</span></p>`;
  }
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    // Half a value, or none: the text itself is shown.
    return json;
  }
}
