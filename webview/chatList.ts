import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { chatRow } from './chatRow.ts';
import { codicon } from './codicon.ts';
import type { PageParts } from './pageParts.ts';

/** The saved chats of the pipeline in the host's order, without archived ones unless one of them is open. */
export function chatList(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { state, chats } = parts;
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && state.isNarrow && !event.defaultPrevented) {
      chats.toggleList();
      document.querySelector<HTMLElement>('.toggle-list')?.focus();
    }
  };
  const { armedChatId, renaming, rovingChatId, now } = state;
  return html`<nav class="chat-list" aria-label="Chats" @keydown=${onKey}>
    <button type="button" class="new-chat-row" @click=${() => void chats.open(null)}>${codicon('add')}New chat</button>
    ${guard([snapshot.chats, snapshot.unlisted, snapshot.chat.chatId, armedChatId, renaming, rovingChatId, now], () => rows(parts, snapshot))}
  </nav>`;
}

function rows(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const unlisted = unlistedLine(snapshot);
  if (snapshot.chats.length === 0) {
    if (unlisted !== nothing) return unlisted;
    const reason = snapshot.isSaving
      ? 'Chats with this pipeline appear here.'
      : 'Chats with this pipeline are not saved.';
    return html`<p class="list-empty">No saved chats. ${reason}</p>`;
  }
  const chats = snapshot.chats.filter((chat) => !chat.isArchived || chat.chatId === snapshot.chat.chatId);
  const archivedCount = snapshot.chats.length - chats.length;
  const ids = chats.map((chat) => chat.chatId);
  const tabStop = [parts.state.rovingChatId, snapshot.chat.chatId].find((id) => id && ids.includes(id)) ?? ids[0];
  return html`<ul>
    ${repeat(
      chats,
      (chat) => chat.chatId,
      (chat) =>
        chatRow(parts, chat, {
          isOpen: chat.chatId === snapshot.chat.chatId,
          isTabStop: chat.chatId === tabStop,
          neighbours: ids,
        }),
    )}
    ${archivedCount > 0 ? html`<li class="archived-count">${archivedCount} archived</li>` : nothing}
  </ul>${unlisted}`;
}

/** That there may be more chats than are shown. */
function unlistedLine({ unlisted }: ViewSnapshot): TemplateResult | typeof nothing {
  if (unlisted === undefined) return nothing;
  const line =
    unlisted === 'coming' ? 'Fetching the chats on the server…' : "The chats on the server can't be listed now.";
  return html`<p class="list-empty">${line}</p>`;
}
