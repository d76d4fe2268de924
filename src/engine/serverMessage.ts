import * as z from 'zod/mini';

const maxLength = 200;
/** So much of a secret tells it apart; servers like to repeat a refused key in part. */
const tellingLength = 8;

const body = z.union([
  z.pipe(
    z.looseObject({ error: z.looseObject({ message: z.string() }) }),
    z.transform((value) => value.error.message),
  ),
  z.pipe(
    z.looseObject({ error: z.string() }),
    z.transform((value) => value.error),
  ),
  z.pipe(
    z.looseObject({ message: z.string() }),
    z.transform((value) => value.message),
  ),
  z.pipe(
    z.looseObject({ detail: z.string() }),
    z.transform((value) => value.detail),
  ),
  z.string(),
]);

/**
 * What a server says about an error, on one short line; empty when it says nothing that can be shown.
 * A message that repeats one of the `hidden` values, or the beginning of one, is left out whole.
 */
export function serverMessage(said: unknown, hidden: readonly string[]): string {
  const parsed = body.safeParse(typeof said === 'string' ? jsonOrText(said) : said);
  if (!parsed.success || /^\s*</.test(parsed.data)) return '';
  const line = parsed.data.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  if (hidden.some((value) => line.includes(value.slice(0, tellingLength)))) return '';
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Plain text is a message too.
    return text;
  }
}
