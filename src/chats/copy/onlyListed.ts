import type { CatalogEntry } from '../catalog.ts';
import type { ChatMeta } from '../chatMeta.ts';
import { lostMeta } from '../mergeEntry.ts';

/** What only the catalog says of a chat. @param entry as the chat's own files tell it */
export function onlyListed(listed: CatalogEntry, entry: CatalogEntry): ChatMeta {
  // A damaged header names no pipeline.
  return { ...(entry.pipeline_id === '' ? { pipeline_id: listed.pipeline_id } : {}), ...lostMeta(listed, entry) };
}
