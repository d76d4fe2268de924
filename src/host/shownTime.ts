/** A time in the reader's zone; empty for what is no time, as that of a chat that can't be read. */
export function shownTime(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? '' : new Date(iso).toLocaleString();
}
