import { ChatError } from '../protocol/chatError.ts';
import type { ServerUrl } from './serverUrl.ts';

/** Why no WebSocket came about, as a sentence; `error` is that of the socket and goes to the log. */
export function connectFailure(error: Error, { base }: ServerUrl): ChatError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = /^Unexpected server response: (\d+)/.exec(error.message)?.[1];
  return new ChatError('server-offline', `${reason(code, status)}: ${base}.`, { cause: error });
}

function reason(code: string, status: string | undefined): string {
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) return 'The certificate of the server is not trusted here';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return 'The server does not speak https at this address';
  if (status === '407') return 'The proxy on the way to the server wants a login';
  if (status && !status.startsWith('5')) return 'What answers at this address is no RocketRide server';
  return "The server can't be reached";
}
