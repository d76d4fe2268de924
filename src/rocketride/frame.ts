import { concatBytes } from '../util/concatBytes.ts';

export interface Frame {
  readonly message: Readonly<Record<string, unknown>>;
  /** The payload; undefined when there is none, which is not the same as one of no bytes. */
  readonly data: Uint8Array | undefined;
}

const NEWLINE = 0x0a;

/** A message as it is sent: text, or with a payload the bytes of a binary frame: one line of JSON, then the payload. */
export function encodeFrame({ message, data }: Frame): string | Uint8Array {
  // Without indents JSON has no raw newline, which the other side would take for the end of the message.
  const json = JSON.stringify(message);
  return data === undefined ? json : concatBytes([new TextEncoder().encode(`${json}\n`), data]);
}

/** Reads a text or binary frame. @throws Error for what is no JSON object, without telling what it says. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const end = bytes.indexOf(NEWLINE);
  const message = parseObject(new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)));
  return { message, data: end < 0 ? undefined : bytes.subarray(end + 1) };
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The error of the parser quotes what it read: it might be a secret.
    throw new Error(`a frame of ${json.length} characters is no JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('a frame is no JSON object');
  return { ...value };
}
