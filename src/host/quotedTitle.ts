/** A title inside a sentence of a notification. Notifications make links of Markdown ones, and a title may come from anybody. */
export function quotedTitle(title: string): string {
  return `“${title.replaceAll('](', '] (')}”`;
}
