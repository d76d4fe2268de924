import * as z from 'zod/mini';

/** What users said of a chat. Each line of `meta.jsonl` sets some fields; the last line of a field wins. */
const metaLine = z.looseObject({
  title: z.optional(z.string()),
  deleted: z.optional(z.boolean()),
  /** Overrules that of the header, for a chat whose pipeline got another id. */
  pipeline_id: z.optional(z.string()),
});
export type ChatMeta = z.infer<typeof metaLine>;

export function decodeMeta(text: string): ChatMeta {
  let meta: ChatMeta = {};
  for (const line of text.split('\n')) {
    try {
      const parsed = metaLine.safeParse(JSON.parse(line));
      if (parsed.success) meta = { ...meta, ...parsed.data };
    } catch {
      // A blank or torn line says nothing; the lines around it hold.
    }
  }
  return meta;
}

export function encodeMeta(patch: ChatMeta): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(patch)}\n`);
}
