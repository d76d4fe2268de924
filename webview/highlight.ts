import type { LanguageFn } from 'highlight.js';
import { languageLoaders } from './languageLoaders.ts';
import { safeHtml } from './safeHtml.ts';

/** Longer code stays plain: colouring it would hold up the page. */
const MAX_LENGTH = 50_000;

/** The code with `hljs-…` spans; undefined when the language is not known or the code is too long. */
export async function highlight(code: string, language: string): Promise<DocumentFragment | undefined> {
  const known = languageLoaders.get(language.toLowerCase());
  if (!known || code.length > MAX_LENGTH) return undefined;
  const [{ default: core }, { default: grammar }] = await Promise.all([import('highlight.js/lib/core'), known.load()]);
  register(core, known.name, grammar);
  return safeHtml(core.highlight(code, { language: known.name }).value);
}

interface Highlighter {
  getLanguage(name: string): unknown;
  registerLanguage(name: string, grammar: LanguageFn): void;
}

function register(core: Highlighter, name: string, grammar: LanguageFn): void {
  if (!core.getLanguage(name)) core.registerLanguage(name, grammar);
}
