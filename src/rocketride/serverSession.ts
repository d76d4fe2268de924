import type { Disposable } from '../util/disposable.ts';
import type { ServerAccount, ServerEvent } from './serverMessage.ts';

export interface RequestOptions {
  /** Sent as the payload of a binary frame. */
  readonly data?: Uint8Array;
  /** How long to wait for the answer, in milliseconds; `Infinity` for as long as the session lives. Default 30,000. */
  readonly timeoutMs?: number;
  /** Aborting ends the wait with the ChatError `stopped`; the server goes on with what it was asked. */
  readonly signal?: AbortSignal;
}

export interface ServerReply {
  /** Empty when the server had nothing to tell. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The payload of a binary reply. */
  readonly data: Uint8Array | undefined;
}

/**
 * One socket from its login until it closes. Handles and pipes belong to it and end with it, so what holds one keeps to
 * this session and does not take the next one.
 */
export interface ServerSession {
  readonly account: ServerAccount;
  readonly isOpen: boolean;
  /**
   * Resolves with what a successful answer holds. @throws ServerFailure when the server refuses; ChatError
   * `server-offline` when the socket is closed or closes before the answer, or no answer comes in time: whether the server
   * did what it was asked is not known then.
   */
  request(command: string, args: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<ServerReply>;
  /** Every event that the server sends on this socket, in order. */
  onDidReceive(listener: (event: ServerEvent) => void): Disposable;
  /** Once, when the socket is closed; at once when it is closed already. */
  onDidClose(listener: () => void): Disposable;
}

/** Leads to a server over many sessions: after a lost one the next is made by itself. */
export interface ServerLink {
  /**
   * The session in use, or the next one when it comes within `waitMs` (default 20,000).
   * @throws ChatError `server-offline` when none comes in time; `server-refused` when the server does not take the key,
   * at once; `stopped` by `signal`.
   */
  session(options?: { readonly waitMs?: number; readonly signal?: AbortSignal }): Promise<ServerSession>;
}
