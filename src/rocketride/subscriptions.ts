import type { Disposable } from '../util/disposable.ts';
import { Sequencer } from '../util/sequencer.ts';
import type { ServerSession } from './serverSession.ts';

/** What the server tells events of: a task, all of its source, or one pipe in it. Pipes end with their session. */
export type MonitorKey =
  | { readonly token: string; readonly pipeId?: number }
  | { readonly projectId: string; readonly source: string; readonly pipeId?: number };

interface Entry {
  readonly key: MonitorKey;
  /** The types that each subscriber wants. */
  readonly wanted: Set<readonly string[]>;
}

/** How long a subscription may hold up a new session, in milliseconds. */
const MONITOR_MS = 10_000;

/** Which events are wanted. The server keeps one set of types for each key and session, and a request replaces it. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();
  readonly #requests = new Sequencer();
  readonly #log: (message: string, cause?: unknown) => void;
  #session: ServerSession | undefined;
  /** The types that the session was asked for last, by key. */
  #asked = new Map<string, string>();

  constructor(log: (message: string, cause?: unknown) => void) {
    this.#log = log;
  }

  /** Asks the session for everything that is wanted, now and from now on. What is refused is logged. */
  async attach(session: ServerSession): Promise<void> {
    this.#session = session;
    this.#asked = new Map();
    await Promise.all([...this.#entries.keys()].map((id) => this.#sync(id)));
  }

  /** Adds to what is wanted for the key, until disposed. */
  add(key: MonitorKey, types: readonly string[]): Disposable {
    const id = JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
    const entry = this.#entries.get(id) ?? { key, wanted: new Set() };
    const mine = [...types];
    this.#entries.set(id, entry);
    entry.wanted.add(mine);
    void this.#sync(id);
    return {
      dispose: () => {
        entry.wanted.delete(mine);
        void this.#sync(id);
      },
    };
  }

  /** Brings the session to what is wanted at the time when it is asked; never rejects. */
  #sync(id: string): Promise<void> {
    return this.#requests.run(id, async () => {
      const session = this.#session;
      const entry = this.#entries.get(id);
      if (!entry || !session?.isOpen) return;
      const types = [...new Set([...entry.wanted].flat())].sort();
      if (entry.wanted.size === 0) this.#entries.delete(id);
      const asked = this.#asked;
      const before = asked.get(id) ?? '';
      if (before === types.join()) return;
      asked.set(id, types.join());
      try {
        await session.request('rrext_monitor', { types, ...entry.key }, { timeoutMs: MONITOR_MS });
      } catch (error) {
        asked.delete(id);
        if (session.isOpen) this.#log('The server refuses to tell what happens there', error);
      }
    });
  }
}
