import { type CatalogEntry, PREVIEW_LENGTH } from '../catalog.ts';
import { mergeEntry, titleFromElsewhere } from '../mergeEntry.ts';
import type { ChatOutline } from './examineChat.ts';

/**
 * An entry as the chat's files tell it, every line of them read. What the files don't know (any more) stays: a title
 * that an SDK client gave and the time when, and what is known of a chat that can't be read.
 */
export function exactEntry(current: CatalogEntry, { entry: fresh, hasHeader }: ChatOutline): CatalogEntry {
  if (!fresh) return current;
  if (fresh.unreadable) return { ...current, unreadable: true };
  const merged = mergeEntry(current, fresh);
  return {
    ...merged,
    title: titleFromElsewhere(current, fresh) ?? merged.title,
    created: hasHeader ? merged.created : current.created,
    updated: Date.parse(current.updated) > Date.parse(merged.updated) ? current.updated : merged.updated,
  };
}

/** What of an entry is not as the chat's files tell it, named for people. Hints that another client dropped are not. */
export function differences(entry: CatalogEntry, outline: ChatOutline): string[] {
  const exact = exactEntry(entry, outline);
  const found = [
    entry.title === exact.title ? '' : 'title',
    isSameTime(entry.created, exact.created) ? '' : 'time of creation',
    isSameTime(entry.updated, exact.updated) ? '' : 'time of the last turn',
    entry.message_count === exact.message_count
      ? ''
      : `${entry.message_count} turns listed, ${exact.message_count} in the transcript`,
    isSamePreview(entry.preview, exact.preview) ? '' : 'last question',
    entry.pipeline_id === exact.pipeline_id ? '' : 'pipeline',
    ...(entry.checked || entry.unreadable ? hintDifferences(entry, exact) : []),
  ];
  return found.filter((name) => name !== '');
}

function hintDifferences(entry: CatalogEntry, exact: CatalogEntry): string[] {
  return [
    entry.first_question === undefined || entry.first_question === exact.first_question ? '' : 'first question',
    Boolean(entry.pinned) === Boolean(exact.pinned) ? '' : 'pin',
    Boolean(entry.archived) === Boolean(exact.archived) ? '' : 'archived or not',
    Boolean(entry.unreadable) === Boolean(exact.unreadable) ? '' : 'readable or not',
  ];
}

/** The SDKs write the same moment in two ways. */
function isSameTime(a: string, b: string): boolean {
  return a === b || Date.parse(a) === Date.parse(b);
}

/** Python counts characters where we count UTF-16 units, so its previews may be longer. */
function isSamePreview(listed: string, exact: string): boolean {
  return listed === exact || (exact.length === PREVIEW_LENGTH && listed.startsWith(exact));
}
