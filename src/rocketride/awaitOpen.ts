import type { WebSocket } from 'ws';
import { ChatError } from '../protocol/chatError.ts';
import { connectFailure } from './connectFailure.ts';
import type { ServerUrl } from './serverUrl.ts';
import { SocketClosed } from './socketClosed.ts';

export interface OpenOptions {
  readonly url: ServerUrl;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

/** Resolves when the socket is open; gives it up when that takes too long, fails, or is stopped by `signal`. */
export async function awaitOpen(socket: WebSocket, { url, connectMs, signal }: OpenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('open', resolve);
  socket.on('error', (error) => reject(connectFailure(error, url)));
  socket.on('close', (code) => reject(new SocketClosed(code)));
  const onAbort = () => reject(new ChatError('stopped', 'Connecting to the server was stopped.'));
  const timer = setTimeout(() => reject(connectFailure(new Error('no answer in time'), url)), connectMs);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    await promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
