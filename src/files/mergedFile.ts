import { concatBytes } from '../util/concatBytes.ts';
import { sameBytes } from '../util/sameBytes.ts';
import type { Aside } from './asideFiles.ts';

const NEWLINE = 0x0a;

/**
 * What a file holds once that is counted in which is kept beside it. A file that is a beginning of its new content was
 * torn while it was replaced, or was not touched yet: the new content holds. One that goes its own way was written by
 * somebody since, and what is beside it is of the past. Lines that the file has not got belong at its end.
 * @param own bytes of the file itself; undefined when it is not there
 */
export function mergedFile(own: Uint8Array | undefined, asides: readonly Aside[]): Uint8Array | undefined {
  const whole = asides
    .filter(({ record }) => record.kind === 'whole' && isBeginning(own, record.bytes))
    .toSorted((a, b) => a.record.order - b.record.order)
    .at(-1);
  const content = whole?.record.bytes ?? own;
  if (!content) return undefined;
  const replaced = new Set(asides.flatMap(({ record }) => record.replaces ?? []));
  const lines = asides
    .filter(({ record }) => record.kind === 'lines' && !replaced.has(record.id))
    .toSorted((a, b) => a.record.at - b.record.at || (a.name < b.name ? -1 : 1));
  // The same lines may be there twice: of a connection that was lost nobody knew whether it had brought them.
  return lines.reduce(
    (merged, { record: { bytes } }) => (holds(merged, bytes) ? merged : withLines(merged, bytes)),
    content,
  );
}

/** Lines at the end of a file, whose torn tail is closed first. */
export function withLines(content: Uint8Array, lines: Uint8Array): Uint8Array {
  const isTorn = content.length > 0 && content.at(-1) !== NEWLINE;
  if (!isTorn && lines.length === 0) return content;
  return concatBytes(isTorn ? [content, Uint8Array.of(NEWLINE), lines] : [content, lines]);
}

function isBeginning(own: Uint8Array | undefined, whole: Uint8Array): boolean {
  return !own || (own.length < whole.length && sameBytes(own, whole.subarray(0, own.length)));
}

/** Whether these lines stand in the content, each line of which starts after a newline. */
function holds(content: Uint8Array, lines: Uint8Array): boolean {
  for (let at = 0; at + lines.length <= content.length; ) {
    if (sameBytes(content.subarray(at, at + lines.length), lines)) return true;
    const next = content.indexOf(NEWLINE, at);
    if (next < 0) return false;
    at = next + 1;
  }
  return false;
}
