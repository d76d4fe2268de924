export type Log = (message: string, cause?: unknown) => void;

/** A server may say as much as it likes; nobody reads more. In characters. */
const MOST_TEXT = 4000;
/** Tokens may be exchanged again and again. */
const MOST_SECRETS = 20;
/** A part of a key that is shorter gives nothing away, and may be any word. */
const TELLING_LENGTH = 6;

/** A log of what a server says, without the keys: it may repeat them, and say the keys of tasks. */
export class SecretLog {
  readonly #log: Log;
  /** With all their spellings. */
  readonly #secrets = new Map<string, readonly string[]>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Leaves this out of the log from now on. */
  hide(secret: string): void {
    if (secret === '') return;
    this.#secrets.delete(secret);
    this.#secrets.set(secret, spellings(secret));
    for (const oldest of this.#secrets.keys()) {
      if (this.#secrets.size <= MOST_SECRETS) break;
      this.#secrets.delete(oldest);
    }
  }

  readonly write: Log = (message, cause) => {
    if (cause === undefined) this.#log(this.#clean(message));
    else this.#log(this.#clean(message), this.#clean(textOf(cause)));
  };

  #clean(text: string): string {
    let clean = text;
    for (const spelling of [...this.#secrets.values()].flat().sort((a, b) => b.length - a.length)) {
      clean = clean.replaceAll(spelling, '(key)');
    }
    clean = clean.replace(/(?<=^|[^a-z0-9]|%[0-9a-f]{2})(tk|pk|rr|cd)_[\w+/=-]+/gi, '$1_…');
    return clean.length > MOST_TEXT ? `${clean.slice(0, MOST_TEXT)}…` : clean;
  }
}

/** A secret as it may be found in other texts: in JSON, in an address, in base64, or a line of it. */
function spellings(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
  const parts = secret.split(/[\s"'\\]+/).filter((part) => part.length >= TELLING_LENGTH);
  const all = [secret, ...parts, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64];
  return [...new Set([...all, base64.replaceAll('+', '-').replaceAll('/', '_')])];
}

/** With the stack of an error, and of what caused it. */
function textOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (cause instanceof Error) {
    const own = cause.stack ?? String(cause);
    return cause.cause === undefined ? own : `${own}\nCaused by: ${textOf(cause.cause)}`;
  }
  try {
    return JSON.stringify(cause) ?? String(cause);
  } catch {
    // Nested so deep that it can't be written down, which a server can send.
    return '(a value that is nested too deep)';
  }
}
