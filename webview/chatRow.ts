import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { ChatSummary } from '../src/protocol/model.ts';
import { chatRowKeys, focusRow, rowId } from './chatRowKeys.ts';
import { codicon } from './codicon.ts';
import { iconButton } from './iconButton.ts';
import type { PageParts } from './pageParts.ts';
import type { RowPlace } from './rowPlace.ts';
import { fullTime, relativeTime } from './shownTime.ts';
import { titleInput } from './titleInput.ts';

/** A chat of the list: title, preview and time, with pin, rename and delete beside them. */
export function chatRow(parts: PageParts, chat: ChatSummary, place: RowPlace): TemplateResult {
  const { state, chats } = parts;
  const { chatId, title } = chat;
  const isArmed = state.armedChatId === chatId;
  if (state.renaming?.chatId === chatId && state.renaming.place === 'row') {
    return html`<li class="chat-row is-renaming">
      ${titleInput(chats, state.renaming, title, () => focusRow(chatId))}
      <span class="row-line">${secondLine(parts, chat, false)}</span>
    </li>`;
  }
  const onLeave = (event: FocusEvent) => {
    const isInside = event.currentTarget instanceof Node && contains(event.currentTarget, event.relatedTarget);
    if (!isInside) chats.disarm(chatId);
  };
  const tabIndex = place.isTabStop ? 0 : -1;
  return html`<li
    class="chat-row ${place.isOpen ? 'is-open' : ''} ${isArmed ? 'is-armed' : ''}"
    @focusout=${onLeave}
    @keydown=${(event: KeyboardEvent) => chatRowKeys(event, chats, chat, { ...place, isArmed })}
  >
    <button
      type="button"
      class="row-main"
      id=${rowId(chatId)}
      tabindex=${tabIndex}
      aria-current=${ifDefined(place.isOpen ? 'true' : undefined)}
      title=${tooltip(chat)}
      @focus=${() => chats.moveTo(chatId)}
      @click=${() => void chats.open(chatId)}
    >
      <span class="row-title">${mark(chat)}<span class="row-name">${title}</span></span>
      <span class="row-line">${secondLine(parts, chat, isArmed)}</span>
    </button>
    <span class="row-actions">
      ${iconButton({
        icon: chat.isPinned ? 'pinned' : 'pin',
        label: chat.isPinned ? `Unpin ${title}` : `Pin ${title}`,
        tabIndex,
        onClick: () => void chats.setPinned(chatId, !chat.isPinned),
      })}
      ${iconButton({
        icon: 'edit',
        label: `Rename ${title}`,
        tabIndex,
        onClick: () => chats.startRename({ chatId, place: 'row' }),
      })}
      ${iconButton({
        icon: 'trash',
        label: isArmed ? `Click again to delete ${title}` : `Delete ${title}`,
        tabIndex,
        className: 'delete',
        onClick: () => void chats.remove(chatId, title),
      })}
    </span>
  </li>`;
}

function contains(row: Node, target: EventTarget | null): boolean {
  return target instanceof Node && row.contains(target);
}

function mark(chat: ChatSummary): TemplateResult | typeof nothing {
  if (chat.problem !== undefined) return html`${codicon('warning')}<span class="visually-hidden">Problem: </span>`;
  if (chat.isRunning) {
    return html`<span class="running-dot" aria-hidden="true"></span><span class="visually-hidden">Answering: </span>`;
  }
  return chat.isPinned ? html`${codicon('pinned')}<span class="visually-hidden">Pinned: </span>` : nothing;
}

function tooltip({ title, place, problem }: ChatSummary): string {
  return [
    title,
    ...(place === undefined ? [] : [`Kept in ${place}`]),
    ...(problem === undefined ? [] : [problem]),
  ].join('\n');
}

function placed({ place, preview }: ChatSummary): string {
  return place === undefined ? preview : `${place} · ${preview}`;
}

function secondLine({ state }: PageParts, chat: ChatSummary, isArmed: boolean): TemplateResult {
  if (isArmed) return html`<span class="row-preview">Click again to delete</span>`;
  return html`<span class="row-preview">${chat.problem ?? placed(chat)}</span>
    <time class="row-time" datetime=${chat.updated} title=${fullTime(chat.updated)}>${relativeTime(chat.updated, state.now)}</time>`;
}
