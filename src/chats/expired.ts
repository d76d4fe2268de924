import type { CatalogEntry } from './catalog.ts';
import type { TrashedChat } from './chatTrash.ts';

const DAY_MS = 24 * 60 * 60_000;

/**
 * The chats that nobody added to for more than `days`; none for 0 days. Pinned chats, and those whose time or transcript
 * can't be read, are kept.
 * @param now epoch milliseconds
 */
export function expired(entries: readonly CatalogEntry[], days: number, now: number): CatalogEntry[] {
  return entries.filter(({ pinned, unreadable, updated }) => !pinned && !unreadable && isOlder(updated, days, now));
}

/** The deleted chats that were in the trash for more than `days`; none for 0 days. What has no date is kept. */
export function expiredTrash(chats: readonly TrashedChat[], days: number, now: number): TrashedChat[] {
  return chats.filter(({ deleted }) => isOlder(deleted, days, now));
}

/** When a deleted chat will be purged; undefined when that is never, or not known. */
export function purgeTime(deleted: string, days: number): Date | undefined {
  const time = Date.parse(deleted);
  return days === 0 || Number.isNaN(time) ? undefined : new Date(time + days * DAY_MS);
}

/** False for what lies in the future, as it does after a clock was set back. */
function isOlder(time: string, days: number, now: number): boolean {
  const end = purgeTime(time, days);
  return end !== undefined && end.getTime() < now;
}
