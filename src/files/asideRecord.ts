import * as z from 'zod/mini';
import { concatBytes } from '../util/concatBytes.ts';

const NEWLINE = 0x0a;
/** Nobody writes a file so often; numbers up to here can be counted on. */
const MOST_WRITES = 2 ** 40;

const head = z.object({
  /** A UUID: where nothing can be deleted the name of a file is used again. */
  id: z.string(),
  /** The path in the store that the bytes are meant for. */
  for: z.string(),
  /** `whole`: the new content of the file. `lines`: lines that belong at its end. */
  kind: z.enum(['whole', 'lines']),
  /** Of several for one path the highest was written last. */
  order: z.int().check(z.nonnegative(), z.maximum(MOST_WRITES)),
  /** Epoch milliseconds by the clock of its writer. */
  at: z.number(),
  /** Length of the bytes. */
  size: z.int().check(z.nonnegative()),
  /** SHA-256 of the bytes, in hex. */
  sha256: z.string(),
  /** Ids of lines that are not to be put into this new content. */
  replaces: z.optional(z.array(z.string())),
  /** The lock under which the file is changed. */
  lock: z.optional(z.string()),
});

/** Bytes that are kept beside a file until they are safe in it. */
export interface AsideRecord extends Omit<z.infer<typeof head>, 'size' | 'sha256'> {
  readonly bytes: Uint8Array;
}

const SIZES = 64;

/**
 * A line of JSON, then the bytes. @param use how often a file of this name held a record before: two in a row differ in
 * size, by which they are told apart where the time of a change is told in whole seconds
 */
export async function encodeAside({ bytes, ...about }: AsideRecord, use: number): Promise<Uint8Array> {
  const line = new TextEncoder().encode(JSON.stringify({ ...about, size: bytes.length, sha256: await sha256(bytes) }));
  const rest = (use - line.length - 1 - bytes.length) % SIZES;
  const spaces = new Uint8Array(rest < 0 ? rest + SIZES : rest).fill(0x20);
  return concatBytes([line, spaces, Uint8Array.of(NEWLINE), bytes]);
}

/** undefined for bytes that are no whole record: one that was cut, or that is still being written. */
export async function decodeAside(data: Uint8Array): Promise<AsideRecord | undefined> {
  const lineEnd = data.indexOf(NEWLINE);
  if (lineEnd < 0) return undefined;
  const parsed = head.safeParse(parseJson(new TextDecoder().decode(data.subarray(0, lineEnd))));
  if (!parsed.success) return undefined;
  const { size, sha256: digest, ...about } = parsed.data;
  const bytes = data.subarray(lineEnd + 1);
  if (bytes.length !== size || (await sha256(bytes)) !== digest) return undefined;
  return { ...about, bytes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut, or somebody else's file: no record.
    return undefined;
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
