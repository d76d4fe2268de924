import { type CatalogEntry, DEFAULT_TITLE } from './catalog.ts';
import type { ChatMeta } from './chatMeta.ts';
import type { SaidOfChat } from './readMeta.ts';
import type { FolderSizes } from './summarizeFolder.ts';

/** An entry as the chat's files tell it now; keys that we do not know stay. */
export function mergeEntry(current: CatalogEntry, fresh: CatalogEntry): CatalogEntry {
  // What could be read of the chat before is still the best that is known.
  if (fresh.unreadable && fresh.created === '') return { ...current, unreadable: true };
  const { first_question, pinned, archived, unreadable, checked, ...kept } = current;
  // A damaged header names no pipeline; the chat stays where it was listed.
  return { ...kept, ...fresh, pipeline_id: fresh.pipeline_id || kept.pipeline_id };
}

/** The title that an SDK client gave, which renames in the catalog only; undefined when there is none. */
export function titleFromElsewhere(current: CatalogEntry, fresh: CatalogEntry): string | undefined {
  const ours = current.checked?.title ?? DEFAULT_TITLE;
  return current.title !== ours && current.title !== fresh.title ? current.title : undefined;
}

/** An entry with what is said of its chat now. @param isRetitled the title is among what was said last */
export function withMeta(current: CatalogEntry, { meta, size }: SaidOfChat, isRetitled: boolean): CatalogEntry {
  const { pinned, archived, checked, ...kept } = current;
  const isTitledElsewhere = !isRetitled && current.title !== (checked?.title ?? DEFAULT_TITLE);
  const title = isTitledElsewhere ? current.title : (meta.title ?? DEFAULT_TITLE);
  return {
    ...kept,
    title,
    pipeline_id: meta.pipeline_id ?? current.pipeline_id,
    ...(meta.pinned ? { pinned: true } : {}),
    ...(meta.archived ? { archived: true } : {}),
    ...(checked ? { checked: { ...checked, meta: size, title: isTitledElsewhere ? checked.title : title } } : {}),
  };
}

/**
 * What an entry says of a chat and the chat's own files do not (any more): a title of an SDK client, or all that was
 * said when the meta file lost a part. undefined when that is nothing.
 */
export function lostMeta(current: CatalogEntry, fresh: CatalogEntry): ChatMeta | undefined {
  // Files that could not be looked at lack nothing that is known of.
  if (!fresh.checked) return undefined;
  const title = titleFromElsewhere(current, fresh);
  if (fresh.checked.meta >= (current.checked?.meta ?? 0)) return title === undefined ? undefined : { title };
  const lost: ChatMeta = {
    ...(current.title === fresh.title ? {} : { title: current.title }),
    ...(current.pipeline_id === fresh.pipeline_id ? {} : { pipeline_id: current.pipeline_id }),
    ...(Boolean(current.pinned) === Boolean(fresh.pinned) ? {} : { pinned: Boolean(current.pinned) }),
    ...(Boolean(current.archived) === Boolean(fresh.archived) ? {} : { archived: Boolean(current.archived) }),
  };
  return Object.keys(lost).length > 0 ? lost : undefined;
}

/** Whether a chat's files are other than when its entry was made of them. */
export function isStale(entry: CatalogEntry, sizes: FolderSizes): boolean {
  const { checked } = entry;
  if (entry.unreadable || !checked) return true;
  return checked.chat !== sizes.chat || checked.meta !== (sizes.meta ?? 0) || checked.title !== entry.title;
}
