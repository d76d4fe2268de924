import * as z from 'zod/mini';
import { byteText } from './byteText.ts';
import type { PartContent } from './partContent.ts';

const image = z.looseObject({ mime_type: z.string(), image: z.string() });

/** What a browser draws without running anything in it. */
const drawn = /^image\/(png|jpeg|gif|webp)$/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A view is sent all that it shows, again and again: larger images are named only. In base64 digits, about 3 MiB. */
const MAX_DIGITS = 4 * 1024 * 1024;

/** An image of the lane, shown where that is safe and not too large. */
export function imagePart(value: unknown): PartContent {
  const { data } = image.safeParse(value);
  if (!data) return { kind: 'json', text: JSON.stringify(value, null, 2) };
  const { mime_type: mimeType, image: digits } = data;
  const text = `Image, ${mimeType}, ${byteText((digits.length / 4) * 3)}`;
  if (!drawn.test(mimeType) || !base64.test(digits)) return { kind: 'file', text: `${text}. It can't be shown here.` };
  if (digits.length > MAX_DIGITS) return { kind: 'file', text: `${text}. It is too large to be shown here.` };
  return { kind: 'image', text, mimeType, base64: digits };
}
