import { ChatError } from '../protocol/chatError.ts';

/** Where a RocketRide server is. */
export interface ServerUrl {
  /** `http(s)://host:port`; names the server: two texts that lead to the same place have the same base. */
  readonly base: string;
  /** Where its WebSocket is: `ws(s)://host:port/task/service`. */
  readonly socket: string;
  /** Whether it is on this machine. */
  readonly isLoopback: boolean;
  /** Whether nobody on the way can read what is sent, the key first of all. */
  readonly isEncrypted: boolean;
}

const DEFAULT_PORT = '5565';

/**
 * Reads what a user or a setting gives as the address of a server: `localhost`, `my-host:9000`, `https://…`, `ws://…`.
 * Path, query and fragment are dropped; the base of an address reads as the same address again.
 * @throws ChatError `invalid` for what is no address, or holds a name or password.
 */
export function serverUrl(text: string): ServerUrl {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`;
  const url = URL.parse(full);
  // `host.` and `host` are one server, and must have one key and one consent.
  const name = url?.hostname.replace(/\.+$/, '');
  if (!url || !name || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new ChatError(
      'invalid',
      'This is no address of a server. Give one like localhost:5565 or https://example.com.',
    );
  }
  if (url.username || url.password) {
    throw new ChatError(
      'invalid',
      "Leave name and password out of the server's address. The key is asked for by itself.",
    );
  }
  const isEncrypted = /^(https|wss):$/.test(url.protocol);
  const port = url.port || impliedPort(name, full, isEncrypted);
  const host = port ? `${name}:${port}` : name;
  return {
    base: `${isEncrypted ? 'https' : 'http'}://${host}`,
    socket: `${isEncrypted ? 'wss' : 'ws'}://${host}/task/service`,
    isLoopback: /^(localhost|127(\.\d+){3}|\[::1\])$/.test(name),
    isEncrypted,
  };
}

/** The port where `URL` tells none, which it also does for a port that is written out but the scheme's own. */
function impliedPort(hostname: string, full: string, isEncrypted: boolean): string {
  if (hostname.includes('rocketride.ai')) return '';
  const isWritten = /^[^/]+\/\/[^/?#\\]*:\d+([/?#\\]|$)/.test(full);
  if (!isWritten) return DEFAULT_PORT;
  return isEncrypted ? '443' : '80';
}
