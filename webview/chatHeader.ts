import { html, type TemplateResult } from 'lit';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { iconButton } from './iconButton.ts';
import type { PageParts } from './pageParts.ts';
import { isListShown } from './pageState.ts';
import { titleInput } from './titleInput.ts';

/** The bar above the transcript: the list's button, the title that can be renamed, and what starts a new chat. */
export function chatHeader(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { state, chats } = parts;
  const isShown = isListShown(state);
  return html`<header class="chat-header">
    ${iconButton({
      icon: 'history',
      label: isShown ? 'Hide chats' : 'Show chats',
      isExpanded: isShown,
      className: 'toggle-list',
      onClick: () => chats.toggleList(),
    })}
    ${title(parts, snapshot)}
    ${iconButton({
      icon: 'eye-closed',
      label: 'New private chat (never saved)',
      onClick: () => void chats.open(null, true),
    })}
    ${iconButton({ icon: 'add', label: 'New chat', className: 'new-chat', onClick: () => void chats.open(null) })}
  </header>`;
}

function title({ state, chats }: PageParts, { chat }: ViewSnapshot): TemplateResult {
  const { renaming } = state;
  if (renaming?.place === 'header' && renaming.chatId === chat.chatId) {
    return html`<div class="chat-title">${titleInput(chats, renaming, chat.title, () => focusTitle())}</div>`;
  }
  const start = () => chats.startRename({ chatId: chat.chatId, place: 'header' });
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'F2') start();
  };
  const shown = chat.title || 'New chat';
  const name = chat.isSaved
    ? html`<button type="button" id="chat-title" title="Rename chat (F2)" @click=${start} @keydown=${onKey}>${shown}</button>`
    : html`<span title=${shown}>${shown}</span>`;
  return html`<h1 class="chat-title">${name}</h1>`;
}

function focusTitle(): void {
  document.getElementById('chat-title')?.focus();
}
