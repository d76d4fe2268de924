import * as z from 'zod';
import { ChatError } from '../protocol/chatError.ts';

export const CATALOG_SCHEMA_VERSION = 1;
/** UTF-16 units of the last question that a catalog entry shows. */
export const PREVIEW_LENGTH = 80;
export const DEFAULT_TITLE = 'Untitled chat';

/** What the files of a chat were when its entry was made of them; where they differ, the entry is made anew. */
const checked = z.object({
  /** Bytes of the transcript. */
  chat: z.number(),
  /** Bytes of the meta file; 0 when there is none. */
  meta: z.number(),
  /** The title that we wrote; another one in the entry was given by an SDK client, which renames there only. */
  title: z.string(),
});

/**
 * A row of the chat list; keys that we do not know are kept. The optional ones are hints of ours: other clients may
 * drop them, and they are made again from the chat's files.
 */
export const catalogEntry = z.looseObject({
  /** What is no UUID here has no folder either, and is never shown. */
  guid: z.string(),
  title: z.string(),
  created: z.string(),
  updated: z.string(),
  /** Number of turns. */
  message_count: z.number(),
  preview: z.string(),
  pipeline_id: z.string(),
  /** From which a title is made until the user gives one. */
  first_question: z.optional(z.string()),
  pinned: z.optional(z.boolean()),
  archived: z.optional(z.boolean()),
  /** The transcript is there but nothing in it can be read. */
  unreadable: z.optional(z.boolean()),
  checked: z.optional(checked),
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
  const entries = new Map<string, CatalogEntry>();
  const strangeRows: unknown[] = [];
  for (const row of chats) {
    const entry = catalogEntry.safeParse(row);
    // Of two rows for one chat the later holds.
    if (entry.success) entries.set(entry.data.guid, entry.data);
    else strangeRows.push(row);
  }
  return {
    version,
    schemaVersion: schema_version ?? CATALOG_SCHEMA_VERSION,
    entries: [...entries.values()],
    strangeRows,
    otherKeys,
  };
}

/** The catalog with these entries as the next version. @throws ChatError `newer-format` rather than change that. */
export function nextCatalog(current: Catalog, entries: readonly CatalogEntry[]): Catalog {
  if (current.schemaVersion > CATALOG_SCHEMA_VERSION) {
    throw new ChatError(
      'newer-format',
      'The list of chats was written by a newer version of Pipeline Chat, and this one must not change it. Update it.',
    );
  }
  return { ...current, version: current.version + 1, entries };
}

/** As the SDKs write it: JSON indented by two. */
export function encodeCatalog({ version, entries, strangeRows, otherKeys }: Catalog): string {
  const chats = [...entries, ...strangeRows];
  const written = { schema_version: CATALOG_SCHEMA_VERSION, version, chats, ...otherKeys };
  return `${JSON.stringify(written, null, 2)}\n`;
}

export function withEntry(entries: readonly CatalogEntry[], entry: CatalogEntry): CatalogEntry[] {
  return [...entries.filter((other) => other.guid !== entry.guid), entry];
}

/** The same array when there is no such entry, so that nothing is written for nothing. */
export function patchEntry(
  entries: readonly CatalogEntry[],
  id: string,
  patch: (entry: CatalogEntry) => CatalogEntry,
): readonly CatalogEntry[] {
  const at = entries.findIndex((entry) => entry.guid === id);
  const entry = entries[at];
  if (!entry) return entries;
  const patched = patch(entry);
  return patched === entry ? entries : entries.with(at, patched);
}

/** The same array when there is none of these entries. */
export function withoutEntries(entries: readonly CatalogEntry[], ids: ReadonlySet<string>): readonly CatalogEntry[] {
  return entries.some((entry) => ids.has(entry.guid)) ? entries.filter((entry) => !ids.has(entry.guid)) : entries;
}

export function preview(text: string): string {
  return text.slice(0, PREVIEW_LENGTH);
}
