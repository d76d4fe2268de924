import { html, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { ChatActions } from './chatActions.ts';
import { isComposingText } from './isComposingText.ts';
import type { Renaming } from './pageState.ts';

/** Edits a title in its place: Enter and leaving the box save, Escape does not. `giveBackFocus` runs after the keys. */
export function titleInput(
  chats: ChatActions,
  renaming: Renaming,
  title: string,
  giveBackFocus: () => void,
): TemplateResult {
  const commit = (event: Event) => {
    if (event.currentTarget instanceof HTMLInputElement) {
      void chats.commitRename(renaming, title, event.currentTarget.value);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposingText(event)) return;
    if (event.key === 'Enter') commit(event);
    else if (event.key === 'Escape') chats.cancelRename();
    else return;
    event.preventDefault();
    giveBackFocus();
  };
  return html`<input
    class="title-input"
    aria-label="Chat title"
    maxlength="500"
    spellcheck="false"
    .value=${title}
    @keydown=${onKey}
    @blur=${commit}
    ${ref(selectOnce)}
  />`;
}

function selectOnce(element: Element | undefined): void {
  if (!(element instanceof HTMLInputElement)) return;
  // The element is in the document only after the template that holds it is done.
  queueMicrotask(() => {
    element.focus();
    element.select();
  });
}
