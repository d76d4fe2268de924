import type { Account, Login } from './account.ts';
import type { AccountFiles } from './accountFiles.ts';
import type { Frame } from './frame.ts';
import type { Monitors } from './monitors.ts';
import type { HandleOwner } from './openHandles.ts';
import type { Tasks } from './tasks.ts';
import type { Traps } from './traps.ts';

/** What commands work on. */
export interface Services {
  readonly traps: Traps;
  readonly tasks: Tasks;
  readonly accounts: readonly Account[];
  /** The server's process is gone, and does nothing more. */
  readonly isDown: boolean;
  /** The file store of a user. */
  filesOf(userId: string): AccountFiles;
}

/** One request of somebody who is logged in. */
export interface Call {
  readonly request: Frame;
  readonly args: Readonly<Record<string, unknown>>;
  /** The task it speaks of: that of its own `tk_` or `pk_`, else of its arguments. */
  readonly token: unknown;
  readonly login: Login;
  readonly owner: HandleOwner;
  readonly monitors: Monitors;
  readonly services: Services;
  /** Sends an event on this connection; `id` is its `__id`. */
  sendEvent(event: string, body: object, id: string): void;
}

export interface Reply {
  readonly body?: object;
  /** Makes it a binary frame, even when empty. */
  readonly data?: Uint8Array;
}
