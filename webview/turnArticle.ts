import { html, nothing, type TemplateResult } from 'lit';
import type { TurnView } from '../src/protocol/model.ts';
import { answerParts } from './answerParts.ts';
import type { PageParts } from './pageParts.ts';
import { clockTime, fullTime } from './shownTime.ts';
import { turnOutcome } from './turnOutcome.ts';
import type { TurnPlace } from './turnPlace.ts';

/** A question with what became of it. */
export function turnArticle(parts: PageParts, turn: TurnView, place: TurnPlace): TemplateResult {
  const isRunning = turn.state === 'running' || turn.state === 'elsewhere';
  return html`<article
    class="turn ${place.isNewest ? 'is-newest' : ''}"
    id="turn-${turn.id}"
    tabindex=${place.isNewest ? 0 : -1}
    aria-posinset=${place.number}
    aria-setsize=${place.total}
    aria-label="Turn ${place.number}, You asked: ${shortened(turn.question)}"
    @keydown=${moveBetweenTurns}
  >
    <div class="question"><div class="bubble">${turn.question}</div></div>
    <div class="answer">${answerParts(turn)} ${turnOutcome(parts, turn, place)}</div>
    ${isRunning ? nothing : toolbar(parts, turn)}
  </article>`;
}

function toolbar({ state }: PageParts, turn: TurnView): TemplateResult {
  const text = turn.parts.map((part) => part.text).join('\n\n');
  return html`<div class="turn-toolbar">
    ${text === '' ? nothing : html`<pc-copy-button .text=${text} .label=${'Copy answer'}></pc-copy-button>`}
    <time datetime=${turn.asked} title=${fullTime(turn.asked)}>${clockTime(turn.asked, state.now)}</time>
  </div>`;
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Page Up and Page Down go from article to article, as readers of a feed expect. */
function moveBetweenTurns(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof HTMLElement) || event.target !== event.currentTarget) return;
  const { previousElementSibling, nextElementSibling } = event.currentTarget;
  const next = { PageUp: previousElementSibling, PageDown: nextElementSibling }[event.key];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
