import { type CatalogEntry, DEFAULT_TITLE } from '../catalog.ts';

/** What people know a chat by: its title, else its first question, else its id. */
export function chatName(id: string, entry: CatalogEntry | undefined): string {
  if (entry && entry.title !== DEFAULT_TITLE) return entry.title;
  return entry?.first_question || id;
}
