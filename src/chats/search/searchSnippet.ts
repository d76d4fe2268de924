const SNIPPET_LENGTH = 120;

/** One line of a text around a hit. */
export interface SearchSnippet {
  /** About 120 characters, with `…` where the text was cut. */
  readonly snippet: string;
  /** The hit in the snippet: UTF-16 units from `start` to `end` (exclusive). */
  readonly start: number;
  readonly end: number;
}

/** The first place in `text` where `pattern` finds something, with what stands around it. */
export function searchSnippet(text: string, pattern: RegExp): SearchSnippet | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const hit = oneLine(wholeCharacters(found[0].slice(0, SNIPPET_LENGTH)));
  const room = (SNIPPET_LENGTH - hit.length) / 2;
  const from = Math.max(0, Math.floor(found.index - room));
  const behind = found.index + found[0].length;
  const to = Math.min(text.length, Math.ceil(behind + room));
  const before = oneLine(wholeCharacters(text.slice(from, found.index))).trimStart();
  const after = oneLine(wholeCharacters(text.slice(behind, to))).trimEnd();
  const lead = from > 0 ? '…' : '';
  const start = lead.length + before.length;
  // Joined, because a slice would keep the whole text in memory.
  const snippet = [lead, before, hit, after, to < text.length ? '…' : ''].join('');
  return { snippet, start, end: start + hit.length };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Without the half of a surrogate pair that a cut left at an end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
