import { html, nothing, type TemplateResult } from 'lit';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { chatHeader } from './chatHeader.ts';
import { chatList } from './chatList.ts';
import { composer } from './composer.ts';
import { failureBanner } from './failureBanner.ts';
import { noticeList } from './noticeList.ts';
import type { PageParts } from './pageParts.ts';
import { isListShown } from './pageState.ts';
import { skeleton } from './skeleton.ts';
import { transcript } from './transcript.ts';

/** The page while it shows chats. */
export function page(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { state } = parts;
  const isOverlaid = state.isNarrow && isListShown(state);
  return html`<div class="layout">
    ${isListShown(state) ? chatList(parts, snapshot) : nothing}
    ${isOverlaid ? html`<div class="scrim" @click=${() => parts.chats.toggleList()}></div>` : nothing}
    <main class="conversation">
      ${chatHeader(parts, snapshot)}
      <div class="conversation-body" ?inert=${isOverlaid}>
        ${transcript(parts, snapshot)}
        <div class="dock">${noticeList(parts, snapshot)} ${failureBanner(parts)} ${composer(parts, snapshot)}</div>
      </div>
    </main>
  </div>`;
}

/** The page until the host has answered: its outline, and what went wrong when the host did not answer. */
export function waitingPage(parts: PageParts, retry: () => void): TemplateResult {
  const isWaiting = parts.state.failure === undefined;
  return html`<main class="conversation waiting" aria-busy=${isWaiting}>
    ${isWaiting ? skeleton() : html`${failureBanner(parts)}<vscode-button @click=${retry}>Try Again</vscode-button>`}
  </main>`;
}

/** One polite voice for the whole page; streamed text is never in it. */
export function announcer({ state }: PageParts): TemplateResult {
  const { text, count } = state.announcement;
  // The same sentence twice in a row is no change to a screen reader: a space makes it one.
  return html`<div class="visually-hidden" role="status">${text}${count % 2 ? '\u00a0' : ''}</div>`;
}
