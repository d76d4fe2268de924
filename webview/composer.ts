import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { composerChips } from './composerChips.ts';
import { composerKeys } from './composerKeys.ts';
import type { PageParts } from './pageParts.ts';
import { sendButton } from './sendButton.ts';

const INPUT_ID = 'composer-input';

/** Where a question is written: one box with the text, quiet facts below it, and the button that sends or stops. */
export function composer(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { state, composer: actions } = parts;
  const { chat, pipeline } = snapshot;
  const onInput = (event: InputEvent) => {
    if (event.currentTarget instanceof HTMLTextAreaElement) actions.edit(event.currentTarget.value);
  };
  const hint = hintOf(snapshot);
  return html`<form class="composer" aria-label="Question" @submit=${(event: Event) => event.preventDefault()}>
    <div class="composer-box">
      <textarea
        id=${INPUT_ID}
        rows="1"
        aria-label="Ask ${pipeline.name}"
        aria-describedby=${hint ? 'composer-hint' : nothing}
        placeholder=${placeholderOf(snapshot)}
        ?readonly=${chat.isReadOnly}
        .value=${live(state.composer.text)}
        @input=${onInput}
        @keydown=${(event: KeyboardEvent) => composerKeys(event, actions)}
        @blur=${() => void actions.flushDraft()}
      ></textarea>
      <div class="composer-foot">${composerChips(parts, snapshot)} ${sendButton(parts, snapshot)}</div>
    </div>
    ${hint ? html`<p class="composer-hint" id="composer-hint">${hint}</p>` : nothing}
  </form>`;
}

function placeholderOf({ chat, pipeline }: ViewSnapshot): string {
  if (!chat.isReadOnly) return `Ask ${pipeline.name}`;
  return chat.turns.length > 0 ? 'This chat can be read but not continued' : "This chat can't be read";
}

function hintOf({ chat, pipeline }: ViewSnapshot): string {
  const hints = [
    chat.isPrivate ? 'Private chat: never saved.' : '',
    pipeline.isDirty && !chat.isReadOnly ? 'The pipeline has changes that are not saved.' : '',
  ];
  return hints.filter((hint) => hint !== '').join(' ');
}

export function focusComposer(): void {
  document.getElementById(INPUT_ID)?.focus();
}
