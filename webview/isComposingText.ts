/** Whether a key belongs to an input method that is composing, where Enter takes a candidate and sends nothing. */
export function isComposingText(event: KeyboardEvent): boolean {
  // Safari and some input methods end the composition before its Enter; they mark that key with 229.
  return event.isComposing || event.keyCode === 229;
}
