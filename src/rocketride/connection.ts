import { setTimeout } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { ChatError } from '../protocol/chatError.ts';
import type { ConnectionState } from '../protocol/connectionState.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter, type Event } from '../util/emitter.ts';
import { accountRights } from './accountRights.ts';
import { type BackOffTimes, backOff } from './backOff.ts';
import { openSocket } from './openSocket.ts';
import { type Log, SecretLog } from './secretLog.ts';
import { ServerFailure } from './serverFailure.ts';
import type { ServerEvent } from './serverMessage.ts';
import type { ServerLink, ServerSession } from './serverSession.ts';
import { type ServerUrl, serverUrl } from './serverUrl.ts';
import { SocketClosed } from './socketClosed.ts';
import { type SessionTimes, SocketSession } from './socketSession.ts';
import { type MonitorKey, Subscriptions } from './subscriptions.ts';
import { waitFor } from './waitFor.ts';

export interface ConnectionTimes extends SessionTimes, BackOffTimes {
  /** A server that lets nobody in is left alone for so long. */
  readonly crowdedRetryMs: number;
  /** A session that lasted so long ends the counting of failures before it. */
  readonly steadyMs: number;
  /** How long a session is waited for, unless its caller says so. */
  readonly waitMs: number;
}

export interface ConnectionOptions {
  /** As a user gives it. */
  readonly url: string;
  /** The API key or token; asked for again with each login. */
  readonly credential: () => Promise<string | undefined>;
  readonly log: Log;
  readonly clientVersion?: string;
  readonly openSocket?: (url: string) => WebSocket;
  readonly random?: () => number;
  readonly times?: Partial<ConnectionTimes>;
}

const TIMES: ConnectionTimes = {
  connectMs: 30_000,
  requestMs: 30_000,
  deauthMs: 1000,
  pingEveryMs: 15_000,
  deadAfterMs: 60_000,
  firstRetryMs: 250,
  longestRetryMs: 15_000,
  crowdedRetryMs: 60_000,
  steadyMs: 15_000,
  waitMs: 20_000,
};

type SessionWait = NonNullable<Parameters<ServerLink['session']>[0]>;

/**
 * Keeps one session with a server, and makes the next when it is lost. A key that the server refuses is not sent again
 * until `connect()`.
 */
export class Connection implements ServerLink {
  readonly #server: ServerUrl;
  readonly #options: ConnectionOptions;
  readonly #times: ConnectionTimes;
  readonly #changed: Emitter<ConnectionState>;
  readonly #received: Emitter<ServerEvent>;
  readonly #subscriptions: Subscriptions;
  readonly #secretLog: SecretLog;
  readonly #disposed = new AbortController();
  /** Ends the pause before the next try. */
  #hurry = new AbortController();
  #state: ConnectionState = { kind: 'idle' };
  #session: SocketSession | undefined;
  /** The credential of the last login, and what the server gave in exchange for it. */
  #key: { readonly credential: string; readonly token: string } | undefined;
  #lastLogged: string | undefined;
  #running: Promise<void> | undefined;
  #disposing: Promise<void> | undefined;

  /** @throws ChatError `invalid` when the URL is none. */
  constructor(options: ConnectionOptions) {
    this.#server = serverUrl(options.url);
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#secretLog = new SecretLog(options.log);
    const onError = (error: unknown) => this.log('A listener to the connection failed', error);
    this.#changed = new Emitter(onError);
    this.#received = new Emitter(onError);
    this.#subscriptions = new Subscriptions(this.log);
  }

  /** For all that comes from this server: keys and tokens are left out. */
  get log(): Log {
    return this.#secretLog.write;
  }

  /** `http(s)://host:port` of the server. */
  get url(): string {
    return this.#server.base;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  readonly onDidChange: Event<ConnectionState> = (listener) => this.#changed.event(listener);

  /** The events of all sessions. */
  readonly onDidReceive: Event<ServerEvent> = (listener) => this.#received.event(listener);

  /** Begins, or begins again at once: after a refusal, with a key that has changed, or instead of waiting longer. */
  connect(): void {
    if (this.#disposed.signal.aborted) return;
    this.#hurry.abort();
    this.#running ??= this.#run();
    this.#leaveOldKey().catch((error) => this.log('The key for the server could not be read', error));
  }

  /** Wants events of these types; asked for again in every session until disposed. */
  subscribe(key: MonitorKey, types: readonly string[]): Disposable {
    return this.#subscriptions.add(key, types);
  }

  async session({ waitMs = this.#times.waitMs, signal }: SessionWait = {}): Promise<ServerSession> {
    if (this.#state.kind === 'idle') this.connect();
    const current = () => {
      if (this.#disposed.signal.aborted) throw new ChatError('server-offline', 'The server is not in use any more.');
      if (this.#state.kind === 'refused') throw ChatError.fromShape(this.#state.error);
      return this.#state.kind === 'ready' && this.#session?.isOpen ? this.#session : undefined;
    };
    const session = await waitFor(current, this.#changed.event, { waitMs, signal });
    if (session) return session;
    if (this.#state.kind === 'offline') throw ChatError.fromShape(this.#state.error);
    throw new ChatError('server-offline', `The server did not answer in time: ${this.url}.`);
  }

  /** Logs out where that does no harm, and closes the socket. Nothing is tried any more. */
  dispose(): Promise<void> {
    this.#disposing ??= this.#end();
    return this.#disposing;
  }

  async #end(): Promise<void> {
    this.#disposed.abort();
    await this.#session?.end();
    await this.#running;
    this.#setState({ kind: 'idle' });
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#disposed.signal.aborted; ) {
      this.#setState({ kind: 'connecting' });
      try {
        const hasLasted = await this.#holdSession();
        failures = hasLasted ? 1 : failures + 1;
        await this.#pause(failures, new SocketClosed());
      } catch (error) {
        if (this.#disposed.signal.aborted) return;
        const failure = ChatError.from(error);
        this.#logOnce(failure);
        if (failure.code === 'server-refused') {
          this.#running = undefined;
          this.#setState({ kind: 'refused', error: failure.toShape() });
          return;
        }
        failures += 1;
        await this.#pause(failures, failure);
      }
    }
  }

  /** Makes a session and stays with it until it closes; true when it lasted. */
  async #holdSession(): Promise<boolean> {
    const session = await this.#login();
    const openedAt = Date.now();
    const closed = new Promise<void>((resolve) => session.onDidClose(resolve));
    this.#session = session;
    if (this.#disposed.signal.aborted) await session.end();
    session.onDidReceive((event) => this.#receive(session, event));
    await this.#subscriptions.attach(session);
    if (session.isOpen) this.#setReady(session);
    await closed;
    return Date.now() - openedAt >= this.#times.steadyMs;
  }

  async #login(): Promise<SocketSession> {
    const credential = await this.#options.credential();
    if (!credential) throw new ChatError('server-refused', `Set a key for the server first: ${this.url}.`);
    this.#secretLog.hide(credential);
    if (this.#key?.credential !== credential) this.#key = { credential, token: credential };
    const { token } = this.#key;
    try {
      return await this.#open(token);
    } catch (error) {
      if (!(error instanceof ServerFailure)) throw error;
      if (token === credential) throw refusal(error);
      this.#key = undefined;
      return this.#login();
    }
  }

  async #open(token: string): Promise<SocketSession> {
    const { clientVersion, openSocket: open = openSocket } = this.#options;
    const options = { url: this.#server, openSocket: open, clientVersion, log: this.log, times: this.#times };
    return SocketSession.open(token, options, this.#disposed.signal);
  }

  /** Ends a session whose key is not the one of now. */
  async #leaveOldKey(): Promise<void> {
    const session = this.#session;
    if (!session?.isOpen || (await this.#options.credential()) === this.#key?.credential) return;
    await session.end();
  }

  async #pause(failures: number, error: ChatError): Promise<void> {
    const isCrowded = error instanceof SocketClosed && error.isCrowded;
    const { random = Math.random } = this.#options;
    const waitMs = Math.round(isCrowded ? this.#times.crowdedRetryMs : backOff(failures, this.#times, random));
    this.#hurry = new AbortController();
    const signal = AbortSignal.any([this.#hurry.signal, this.#disposed.signal]);
    if (!signal.aborted) this.#setState({ kind: 'offline', error: error.toShape(), retryAt: Date.now() + waitMs });
    await setTimeout(waitMs, undefined, { signal }).catch(() => {}); // cut short, which is what the signals are for
  }

  /** Once in a row: a server may be away for days. */
  #logOnce(failure: ChatError): void {
    if (failure.message === this.#lastLogged) return;
    this.#lastLogged = failure.message;
    this.log(`No connection to ${this.url}`, failure.cause ?? failure);
  }

  #receive(session: SocketSession, event: ServerEvent): void {
    if (event.event === 'apaext_account' && this.#state.kind === 'ready') this.#setReady(session);
    this.#received.fire(event);
  }

  #setReady({ account }: SocketSession): void {
    this.#secretLog.hide(account.userToken);
    if (this.#key && account.userToken) this.#key = { ...this.#key, token: account.userToken };
    this.#lastLogged = undefined;
    this.#setState({ kind: 'ready', ...accountRights(account) });
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

/** Whatever the reason was: a login that was refused is not tried again by itself, so that no account gets locked. */
function refusal(failure: ServerFailure): ChatError {
  if (failure.code === 'server-refused') return failure;
  return new ChatError('server-refused', 'The server refuses the login. The log has its words.', { cause: failure });
}
