import * as z from 'zod/mini';
import type { SourceDocument } from '../protocol/model.ts';
import type { PartContent } from './partContent.ts';

const optionalText = z.catch(z.optional(z.string()), undefined);
/** As nodes write them: not every one gives every key, and some give null. */
const doc = z.looseObject({
  page_content: z.string(),
  score: z.catch(z.optional(z.number()), undefined),
  metadata: z.catch(
    z._default(
      z.looseObject({ name: optionalText, path: optionalText, parent: optionalText, objectId: optionalText }),
      {},
    ),
    {},
  ),
});

/** The documents of a lane as one list of sources; what is no document is left to be read as it is. */
export function documentsPart(values: readonly unknown[]): PartContent[] {
  const documents: SourceDocument[] = [];
  const others: PartContent[] = [];
  for (const value of values.flat()) {
    const { data } = doc.safeParse(value);
    if (data) documents.push(sourceDocument(data, documents.length + 1));
    else if (value !== undefined && value !== null) others.push({ kind: 'json', text: JSON.stringify(value, null, 2) });
  }
  if (documents.length === 0) return others;
  const text = documents.map(({ name, text }) => `${name}\n\n${text}`).join('\n\n');
  return [{ kind: 'documents', text, documents }, ...others];
}

/** Which sources an answer rests on, on one line each. */
export function sourceNames(documents: readonly SourceDocument[]): string {
  return ['Sources:', ...new Set(documents.map(({ name }) => `- ${name}`))].join('\n');
}

function sourceDocument({ page_content, score, metadata }: z.infer<typeof doc>, number: number): SourceDocument {
  const { name, path, parent, objectId } = metadata;
  const named = [name, path, parent, objectId].find((text) => text !== undefined && text.trim() !== '');
  return { name: named ?? `Document ${number}`, text: page_content, ...(score === undefined ? {} : { score }) };
}
