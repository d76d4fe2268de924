import type { ComposerActions } from './composerActions.ts';
import { isComposingText } from './isComposingText.ts';

/** Enter sends, Shift+Enter is a new line; Up at the start and Down at the end bring back earlier questions. */
export function composerKeys(event: KeyboardEvent, actions: ComposerActions): void {
  const box = event.currentTarget;
  if (!(box instanceof HTMLTextAreaElement) || isComposingText(event)) return;
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    void actions.send();
    return;
  }
  if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  const { selectionStart, selectionEnd, value } = box;
  if (event.key === 'ArrowUp' && selectionEnd === 0 && actions.recall('earlier')) {
    event.preventDefault();
    box.setSelectionRange(0, 0);
  } else if (event.key === 'ArrowDown' && selectionStart === value.length && actions.recall('later')) {
    event.preventDefault();
    box.setSelectionRange(box.value.length, box.value.length);
  }
}
