import type { ChatErrorShape } from './chatError.ts';

/** How this window stands with a RocketRide server. */
export type ConnectionState =
  /** Nothing was asked of the server so far. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  /** Logged in. */
  | {
      readonly kind: 'ready';
      /** Without it chats can't be kept on the server. */
      readonly canStore: boolean;
      /** Without it no pipeline can be started there, only asked while it runs. */
      readonly canRun: boolean;
    }
  /** No connection; the next try is at `retryAt`, in epoch milliseconds. */
  | { readonly kind: 'offline'; readonly error: ChatErrorShape; readonly retryAt: number }
  /** The server does not take the key: nothing more is tried until somebody asks for it. */
  | { readonly kind: 'refused'; readonly error: ChatErrorShape };
