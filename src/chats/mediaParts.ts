import * as z from 'zod/mini';
import { byteText } from './byteText.ts';
import type { PartContent } from './partContent.ts';

const media = z.looseObject({
  url: z.catch(z.optional(z.string()), undefined),
  mimeType: z._default(z.string(), ''),
  size: z._default(z.number(), 0),
});

/**
 * Sounds and films: the server tells of each piece that was written, and never sends its bytes. The pieces of one file are
 * named once; its address is of use on the server only, and nothing is fetched from it.
 */
export function mediaParts(lane: 'audio' | 'video', values: readonly unknown[]): PartContent[] {
  const files = new Map<string, { mimeType: string; size: number }>();
  const others: PartContent[] = [];
  for (const value of values) {
    const { data } = media.safeParse(value);
    if (data) {
      const { url = '', mimeType, size } = data;
      const file = files.get(url);
      files.set(url, { mimeType: file?.mimeType || mimeType, size: (file?.size ?? 0) + Math.max(0, size) });
    } else if (value !== undefined && value !== null) {
      others.push({ kind: 'json', text: JSON.stringify(value, null, 2) });
    }
  }
  const name = lane === 'audio' ? 'Audio' : 'Video';
  const found = [...files.values()].map(({ mimeType, size }): PartContent => {
    const facts = [name, mimeType, size > 0 ? byteText(size) : ''].filter((fact) => fact !== '').join(', ');
    return { kind: 'file', text: `${facts}. The server does not send it with the answer.` };
  });
  return [...found, ...others];
}
