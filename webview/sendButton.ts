import { html, type TemplateResult } from 'lit';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import type { PageParts } from './pageParts.ts';

/** Sends; while an answer is coming, stops it; when the pipeline has unsaved changes, saves it first and says so. */
export function sendButton({ state, composer }: PageParts, { chat, pipeline }: ViewSnapshot): TemplateResult {
  if (chat.turns.some((turn) => turn.state === 'running')) {
    return html`<button type="button" class="send is-stop" title="Stop" aria-label="Stop" @click=${() => void composer.stop()}>
      ${codicon('debug-stop')}
    </button>`;
  }
  const isBusy = state.sendingChatId !== undefined || chat.turns.some((turn) => turn.state === 'elsewhere');
  const isDisabled = isBusy || !pipeline.canSend || chat.isReadOnly || state.composer.text.trim() === '';
  if (pipeline.isDirty) {
    return html`<button type="button" class="send has-words" ?disabled=${isDisabled} @click=${() => void composer.send()}>
      ${codicon('save')}Save and Send
    </button>`;
  }
  return html`<button type="button" class="send" title="Send (Enter)" aria-label="Send" ?disabled=${isDisabled} @click=${() => void composer.send()}>
    ${codicon('send')}
  </button>`;
}
