import { ServerFailure } from './serverFailure.ts';
import type { ServerReply } from './serverSession.ts';

type Args = Readonly<Record<string, unknown>>;

/**
 * Knows whether a session may hold a file open for writing, from the requests that it makes. A log-out with one open
 * would lock that path until the server restarts; a socket that just closes does not.
 */
export class WriteHandles {
  readonly #open = new Set<unknown>();
  /** Opens without an answer, or with one that never came: the server may hold them. */
  #uncertain = 0;

  get mayBeOpen(): boolean {
    return this.#open.size + this.#uncertain > 0;
  }

  /** Makes the request and keeps in mind what it opens or closes. */
  async watch(command: string, args: Args, send: () => Promise<ServerReply>): Promise<ServerReply> {
    if (command !== 'rrext_store') return send();
    if (args.subcommand === 'fs_open' && args.mode === 'w') return this.#watchOpen(send);
    if (args.subcommand === 'fs_close') return this.#watchClose(args.handle, send);
    return send();
  }

  async #watchOpen(send: () => Promise<ServerReply>): Promise<ServerReply> {
    this.#uncertain += 1;
    try {
      const reply = await send();
      this.#uncertain -= 1;
      this.#open.add(reply.body.handle);
      return reply;
    } catch (error) {
      if (error instanceof ServerFailure) this.#uncertain -= 1;
      throw error;
    }
  }

  async #watchClose(handle: unknown, send: () => Promise<ServerReply>): Promise<ServerReply> {
    try {
      const reply = await send();
      this.#open.delete(handle);
      return reply;
    } catch (error) {
      if (error instanceof ServerFailure && error.reason === 'bad-handle') this.#open.delete(handle);
      throw error;
    }
  }
}
