import { type CatalogEntry, DEFAULT_TITLE } from './catalog.ts';
import type { FolderSizes } from './summarizeFolder.ts';

/** An entry as the chat's files tell it now; keys that we do not know stay. */
export function mergeEntry(current: CatalogEntry, fresh: CatalogEntry): CatalogEntry {
  // What could be read of the chat before is still the best that is known.
  if (fresh.unreadable && fresh.created === '') return { ...current, unreadable: true };
  const { first_question, pinned, archived, unreadable, checked, ...kept } = current;
  return { ...kept, ...fresh };
}

/** The title that an SDK client gave, which renames in the catalog only; undefined when there is none. */
export function titleFromElsewhere(current: CatalogEntry, fresh: CatalogEntry): string | undefined {
  const ours = current.checked?.title ?? DEFAULT_TITLE;
  return current.title !== ours && current.title !== fresh.title ? current.title : undefined;
}

/** Whether a chat's files are other than when its entry was made of them. */
export function isStale(entry: CatalogEntry, sizes: FolderSizes): boolean {
  const { checked } = entry;
  if (entry.unreadable || !checked) return true;
  return checked.chat !== sizes.chat || checked.meta !== (sizes.meta ?? 0) || checked.title !== entry.title;
}
