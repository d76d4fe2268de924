import { LinePattern } from './linePattern.ts';

/** The two faces of a text that is searched for. */
export interface SearchPatterns {
  /** Finds it in a text as a person sees it. */
  readonly shown: RegExp;
  /** Finds the lines of a transcript that may hold it; one that does not may hold it in a key, say. */
  readonly stored: LinePattern;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' };
const BACKSLASH = '\\u{5c}';

/** Case does not matter, and neither whether an accent is a character of its own (NFD) or not (NFC). */
export function searchPatterns(text: string): SearchPatterns {
  const characters = text.normalize('NFC').match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];
  const pattern = (encode: (codePoint: string) => string) =>
    characters
      .map((character) => {
        const forms = [...new Set([character, character.normalize('NFD')])];
        return either(forms.map((form) => Array.from(form, encode).join('')));
      })
      .join('');
  return {
    // A letter with an accent is no hit for the bare letter, however it is written.
    shown: new RegExp(`${pattern(literal)}(?![\\u0300-\\u036f])`, 'iu'),
    stored: new LinePattern(new RegExp(pattern(inJson), 'u')),
  };
}

/** A pattern for one code point as it may lie in a JSON string. */
function inJson(codePoint: string): string {
  if (codePoint === '"' || codePoint === '\\') return BACKSLASH + literal(codePoint);
  if (codePoint === '/') return `${BACKSLASH}?/`;
  if (codePoint >= ' ' && codePoint < '\x80') return literal(codePoint);
  const short = SHORT_ESCAPES[codePoint];
  return either([
    short ? BACKSLASH + short : literal(codePoint),
    ...sameInAnyCase(codePoint).map((same) => same.split('').map(escaped).join('')),
  ]);
}

function escaped(unit: string): string {
  return `${BACKSLASH}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function literal(codePoint: string): string {
  return `\\u{${codePoint.codePointAt(0)?.toString(16)}}`;
}

function either(patterns: readonly string[]): string {
  return patterns.length === 1 ? patterns.join() : `(?:${patterns.join('|')})`;
}

/** All code points that a pattern that ignores case takes for this one. */
function sameInAnyCase(codePoint: string): string[] {
  cased ??= allCased();
  return [...new Set([codePoint, ...(cased.match(new RegExp(literal(codePoint), 'giu')) ?? [])])];
}

let cased: string | undefined;

/** Letters with case lie in the first two planes. */
function allCased(): string {
  const all = Array.from({ length: 0x20000 }, (_, code) => String.fromCodePoint(code)).join('');
  return (all.match(/\p{Changes_When_Casemapped}/gu) ?? []).join('');
}
