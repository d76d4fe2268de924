import * as z from 'zod/mini';

/** One message on the wire, as traps and logs see it. */
export interface Frame {
  readonly from: 'client' | 'server';
  /** Which connection, counted from 1 over the life of the server. */
  readonly connection: number;
  /** Place among the frames of this side on its connection, from 1; the login is one of them. */
  readonly index: number;
  readonly message: Readonly<Record<string, unknown>>;
  /** Of the request, or of the request that is answered; the name of an event. */
  readonly command: string;
  /** Empty when there is none. */
  readonly subcommand: string;
  /** Arguments of the request, or of the request that is answered; empty for an event. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array | undefined;
  /** Size on the wire, without the WebSocket's own head. */
  readonly bytes: number;
}

const jsonObject = z.record(z.string(), z.unknown());

export const requestMessage = z.looseObject({
  type: z._default(z.string(), ''),
  seq: z._default(z.number(), 0),
  command: z._default(z.string(), ''),
  arguments: z.pipe(
    z.nullish(jsonObject),
    z.transform((args) => args ?? {}),
  ),
});
export type RequestMessage = z.infer<typeof requestMessage>;

/** Header up to the first newline, payload after it. Undefined for what is no request. */
export function decodeFrame(bytes: Buffer): { message: RequestMessage; data: Uint8Array | undefined } | undefined {
  const end = bytes.indexOf(0x0a);
  const data = end < 0 ? undefined : bytes.subarray(end + 1);
  const parsed = requestMessage.safeParse(jsonOrUndefined(bytes.toString('utf8', 0, end < 0 ? bytes.length : end)));
  return parsed.success ? { message: parsed.data, data } : undefined;
}

/** A text frame, or a binary one exactly when there is a payload, even an empty one. */
export function encodeFrame(message: object, data: Uint8Array | undefined): string | Buffer {
  const json = JSON.stringify(message);
  return data === undefined ? json : Buffer.concat([Buffer.from(`${json}\n`), data]);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The server logs it and goes on.
    return undefined;
  }
}
