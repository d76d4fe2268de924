import { type Login, logIn } from './account.ts';
import type { Reply, Services } from './call.ts';
import { Refusal } from './refusal.ts';

const LOGINS_PER_CONNECTION = 5;

/** Who is at the other end of a connection. */
export class ClientLogin {
  readonly #services: Services;
  #current: Login | undefined;
  #filesOf: string | undefined;
  #count = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  get current(): Login | undefined {
    return this.#current;
  }

  /** Whose handles are closed with the socket: nobody's after a deauth. */
  get filesOf(): string | undefined {
    return this.#filesOf;
  }

  /** @throws Refusal */
  auth(credential: unknown): Reply {
    this.#count += 1;
    if (this.#count > LOGINS_PER_CONNECTION) throw new Refusal('Too many authentication attempts');
    this.#current = logIn(credential, this.#services.accounts, this.#services.tasks);
    this.#filesOf = this.#current.userId;
    return { body: this.#current.body };
  }

  deauth(): Reply {
    this.#current = undefined;
    if (this.#services.traps.keepsHandlesAtDeauth) this.#filesOf = undefined;
    return { body: {} };
  }
}
