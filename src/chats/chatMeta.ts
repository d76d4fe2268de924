import * as z from 'zod/mini';

/** What users said of a chat. Each line of `meta.jsonl` sets some fields; the last line of a field wins. */
const metaLine = z.looseObject({
  title: z.optional(z.string()),
  pinned: z.optional(z.boolean()),
  archived: z.optional(z.boolean()),
  /** In the trash, or on its way there. */
  deleted: z.optional(z.boolean()),
  /** When that was, ISO 8601 in UTC. */
  deleted_at: z.optional(z.string()),
  /** Overrules that of the header, for a chat whose pipeline got another id. */
  pipeline_id: z.optional(z.string()),
  /** The chat that this one was copied from. */
  origin: z.optional(z.looseObject({ guid: z.string() })),
});
export type ChatMeta = z.infer<typeof metaLine>;

export function decodeMeta(text: string): ChatMeta {
  return decodeMetaLines(text).meta;
}

/** What was said, and how many lines with content say nothing that can be understood. */
export function decodeMetaLines(text: string): { readonly meta: ChatMeta; readonly unreadableCount: number } {
  let meta: ChatMeta = {};
  let unreadableCount = 0;
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    const said = decodeMetaLine(line);
    if (said) meta = { ...meta, ...said };
    else if (line.trim() !== '') unreadableCount += 1;
  }
  return { meta, unreadableCount };
}

function decodeMetaLine(line: string): ChatMeta | undefined {
  try {
    return metaLine.safeParse(JSON.parse(line)).data;
  } catch {
    // A blank or torn line says nothing; the lines around it hold.
    return undefined;
  }
}

export function encodeMeta(patch: ChatMeta): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(patch)}\n`);
}
