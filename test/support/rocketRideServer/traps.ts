import type { Frame } from './frame.ts';

/** Drops a socket without a word, once. */
export interface Drop {
  /**
   * Before a client's frame: the server never saw it. After one: it is gone while the request is carried out.
   * Before a server's frame: all is done, and the client does not hear of it. After one: the client heard.
   */
  readonly when: 'before' | 'after';
  readonly from: 'client' | 'server';
  /** Which of the matching frames since the trap was set; default 1, the next. */
  readonly nth?: number;
  readonly matches?: (frame: Frame) => boolean;
}

/** What goes wrong on a server. Every field may be changed while it runs. */
export class Traps {
  /** Becomes undefined when it has dropped a socket. */
  drop: Drop | undefined = undefined;
  /** Refuses a request with this text, empty or not; a login is closed after it, as any that is refused. */
  refuse: ((request: Frame) => string | undefined) | undefined = undefined;
  /** Requests that are neither carried out nor answered. */
  ignores: ((request: Frame) => boolean) | undefined = undefined;
  /** Requests that are carried out and never answered. */
  withholdsReply: ((request: Frame) => boolean) | undefined = undefined;
  /** Requests of a task (`rrext_process`) at which its process dies, so that they are never answered. */
  killsTask: ((request: Frame) => boolean) | undefined = undefined;
  /** Sends these bytes, or this text, instead of a frame. */
  replacesFrame: ((frame: Frame) => string | Uint8Array | undefined) | undefined = undefined;
  /** Closes every new socket with 1008, as when too many wait for their login. */
  isFull = false;
  /** What is raised in the pipeline's process never reaches the client, as on the real server. */
  losesChildErrors = true;
  /** Handles that are open at a deauth stay locked until the server restarts, as on the real server. */
  keepsHandlesAtDeauth = true;
  /** `object`: nothing can be deleted, a rename copies and then fails, files are replaced when they are closed. */
  storage: 'disk' | 'object' = 'disk';
  /** Before every request, in milliseconds. */
  latencyMs = 0;
  /** Before a started pipeline runs, in milliseconds. */
  startDelayMs = 0;
  /** Before a terminated pipeline has ended, in milliseconds. */
  stopDelayMs = 0;
  readonly #seen = new WeakMap<Drop, number>();

  /** Whether the socket is to be dropped now; counts the frame. */
  springs(frame: Frame, when: Drop['when']): boolean {
    const { drop } = this;
    if (!drop || drop.from !== frame.from || drop.when !== when || drop.matches?.(frame) === false) return false;
    const count = (this.#seen.get(drop) ?? 0) + 1;
    this.#seen.set(drop, count);
    if (count !== (drop.nth ?? 1)) return false;
    this.drop = undefined;
    return true;
  }
}
