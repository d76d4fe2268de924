import type { ChatSummary } from '../src/protocol/model.ts';
import type { ChatActions } from './chatActions.ts';
import type { RowPlace } from './rowPlace.ts';

export function rowId(chatId: string): string {
  return `chat-${chatId}`;
}

export function focusRow(chatId: string | undefined): void {
  if (chatId !== undefined) document.getElementById(rowId(chatId))?.focus();
}

/** The keys of VS Code's own lists; Enter is the row's button. */
export function chatRowKeys(
  event: KeyboardEvent,
  chats: ChatActions,
  { chatId, title }: ChatSummary,
  { neighbours, isArmed }: RowPlace & { readonly isArmed: boolean },
): void {
  const at = neighbours.indexOf(chatId);
  const isDelete = event.key === 'Delete' || (event.key === 'Backspace' && event.metaKey);
  if (event.key === 'ArrowDown') focusRow(neighbours[at + 1]);
  else if (event.key === 'ArrowUp') focusRow(neighbours[at - 1]);
  else if (event.key === 'Home') focusRow(neighbours[0]);
  else if (event.key === 'End') focusRow(neighbours.at(-1));
  else if (event.key === 'F2') chats.startRename({ chatId, place: 'row' });
  else if (isDelete) void chats.remove(chatId, title);
  else if (event.key === 'Escape' && isArmed) chats.disarm(chatId);
  else return;
  event.preventDefault();
  // The focus would be lost with its row.
  if (isDelete && isArmed) focusRow(neighbours[at + 1] ?? neighbours[at - 1]);
}
