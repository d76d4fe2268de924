import type { ComposerText } from './pageState.ts';

/** The composer one question further back (`earlier`) or forth; the same when there is none. `questions` are oldest first. */
export function recallQuestion(
  composer: ComposerText,
  questions: readonly string[],
  direction: 'earlier' | 'later',
): ComposerText {
  const recalled = composer.recalled + (direction === 'earlier' ? 1 : -1);
  if (recalled < 0 || recalled > questions.length) return composer;
  const ownText = composer.recalled === 0 ? composer.text : composer.ownText;
  return { ...composer, recalled, ownText, text: questions[questions.length - recalled] ?? ownText };
}
