import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';

export const CATALOG_SCHEMA_VERSION = 1;
/** UTF-16 units of the last question that a catalog entry shows. */
export const PREVIEW_LENGTH = 80;
export const DEFAULT_TITLE = 'Untitled chat';

/** A row of the chat list; keys that we do not know are kept. */
export const catalogEntry = z.looseObject({
  guid: z.guid(),
  title: z.string(),
  created: z.string(),
  updated: z.string(),
  /** Number of turns. */
  message_count: z.number(),
  preview: z.string(),
  pipeline_id: z.string(),
  /** A hint of ours, from which a title is made until the user gives one; derived again when it is missing. */
  first_question: z.optional(z.string()),
});
export type CatalogEntry = z.infer<typeof catalogEntry>;

const catalog = z.looseObject({
  schema_version: z.optional(z.number()),
  version: z.number(),
  chats: z.array(z.unknown()),
});

export interface Catalog {
  readonly version: number;
  readonly schemaVersion: number;
  readonly entries: readonly CatalogEntry[];
  /** Rows that are no entries, and top-level keys that we do not know: written back as they were. */
  readonly strangeRows: readonly unknown[];
  readonly otherKeys: Readonly<Record<string, unknown>>;
}

export const EMPTY_CATALOG: Catalog = {
  version: 0,
  schemaVersion: CATALOG_SCHEMA_VERSION,
  entries: [],
  strangeRows: [],
  otherKeys: {},
};

/** undefined for a text that is no catalog (torn, empty, something else): the folders are the truth then. */
export function decodeCatalog(text: string): Catalog | undefined {
  let parsed: ReturnType<typeof catalog.safeParse>;
  try {
    parsed = catalog.safeParse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    // Not JSON; the caller rebuilds and keeps a copy of the bytes.
    return undefined;
  }
  if (!parsed.success) return undefined;
  const { schema_version, version, chats, ...otherKeys } = parsed.data;
  const entries: CatalogEntry[] = [];
  const strangeRows: unknown[] = [];
  for (const row of chats) {
    const entry = catalogEntry.safeParse(row);
    if (entry.success) entries.push(entry.data);
    else strangeRows.push(row);
  }
  return { version, schemaVersion: schema_version ?? CATALOG_SCHEMA_VERSION, entries, strangeRows, otherKeys };
}

/** The catalog with these entries as the next version. @throws ChatError `newer-format` rather than rewrite that. */
export function encodeCatalog(current: Catalog, entries: readonly CatalogEntry[]): string {
  if (current.schemaVersion > CATALOG_SCHEMA_VERSION) {
    throw new ChatError(
      'newer-format',
      'The list of chats was written by a newer version of Pipeline Chat, and this one must not change it. Update it.',
    );
  }
  const rewritten = {
    schema_version: CATALOG_SCHEMA_VERSION,
    version: current.version + 1,
    chats: [...entries, ...current.strangeRows],
    ...current.otherKeys,
  };
  return `${JSON.stringify(rewritten, null, 2)}\n`;
}

export function withEntry(entries: readonly CatalogEntry[], entry: CatalogEntry): CatalogEntry[] {
  return [...entries.filter((other) => other.guid !== entry.guid), entry];
}

/** The same array when there is no such entry, so that nothing is written for nothing. */
export function patchEntry(
  entries: readonly CatalogEntry[],
  id: string,
  patch: Partial<CatalogEntry>,
): readonly CatalogEntry[] {
  if (!entries.some((entry) => entry.guid === id)) return entries;
  return entries.map((entry) => (entry.guid === id ? { ...entry, ...patch, guid: entry.guid } : entry));
}

/** The same array when there is no such entry. */
export function withoutEntry(entries: readonly CatalogEntry[], id: string): readonly CatalogEntry[] {
  return entries.some((entry) => entry.guid === id) ? entries.filter((entry) => entry.guid !== id) : entries;
}

export function preview(text: string): string {
  return text.slice(0, PREVIEW_LENGTH);
}
