import type { WebSocket } from 'ws';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { awaitOpen } from './awaitOpen.ts';
import { type ServerAccount, type ServerEvent, serverAccount } from './serverMessage.ts';
import type { RequestOptions, ServerReply, ServerSession } from './serverSession.ts';
import type { ServerUrl } from './serverUrl.ts';
import { SocketChannel } from './socketChannel.ts';
import { WriteHandles } from './writeHandles.ts';

export interface SessionTimes {
  /** How long a socket may take to open, and then the login. */
  readonly connectMs: number;
  readonly requestMs: number;
  /** How long the log-out at the end may take. */
  readonly deauthMs: number;
  readonly pingEveryMs: number;
  readonly deadAfterMs: number;
}

export interface SessionOptions {
  readonly url: ServerUrl;
  readonly openSocket: (url: string) => WebSocket;
  readonly clientVersion: string | undefined;
  readonly log: (message: string, cause?: unknown) => void;
  readonly times: SessionTimes;
}

type Args = Readonly<Record<string, unknown>>;

/** One socket, logged in with one credential. */
export class SocketSession implements ServerSession {
  readonly #channel: SocketChannel;
  readonly #handles = new WriteHandles();
  readonly #received: Emitter<ServerEvent>;
  readonly #closed: Emitter<void>;
  readonly #deauthMs: number;
  #account: ServerAccount = serverAccount.parse({ userToken: '', userId: '' });
  #isEnding = false;

  private constructor(socket: WebSocket, { log, times }: SessionOptions) {
    const onError = (error: unknown) => log('A listener to the server failed', error);
    this.#received = new Emitter(onError);
    this.#closed = new Emitter(onError);
    this.#deauthMs = times.deauthMs;
    this.#channel = new SocketChannel(socket, {
      ...times,
      log,
      onEvent: (event) => this.#receive(event),
      onClose: () => this.#closed.fire(),
    });
  }

  /**
   * Opens a socket and logs in, once. @throws ServerFailure when the server does not take the credential; ChatError
   * `server-offline` when it can't be reached, closes the socket or does not answer; `stopped` by `signal`.
   */
  static async open(credential: string, options: SessionOptions, signal: AbortSignal): Promise<SocketSession> {
    const { connectMs } = options.times;
    const socket = options.openSocket(options.url.socket);
    await awaitOpen(socket, { url: options.url, connectMs, signal });
    const session = new SocketSession(socket, options);
    try {
      const args = { auth: credential, clientName: 'Pipeline Chat', clientVersion: options.clientVersion };
      const { body } = await session.#channel.request('auth', args, { timeoutMs: connectMs, signal });
      session.#account = accountOf(body);
      return session;
    } catch (error) {
      session.#channel.close();
      throw error;
    }
  }

  get account(): ServerAccount {
    return this.#account;
  }

  get isOpen(): boolean {
    return this.#channel.isOpen && !this.#isEnding;
  }

  readonly onDidReceive = (listener: (event: ServerEvent) => void): Disposable => this.#received.event(listener);

  onDidClose(listener: () => void): Disposable {
    if (!this.#channel.isOpen) listener();
    return this.#closed.event(listener);
  }

  async request(command: string, args: Args, options: RequestOptions = {}): Promise<ServerReply> {
    if (this.#isEnding) throw new ChatError('server-offline', 'The connection to the server is being closed.');
    return this.#handles.watch(command, args, () => this.#channel.request(command, args, options));
  }

  /** Logs out where that does no harm, and closes the socket. */
  async end(): Promise<void> {
    this.#isEnding = true;
    try {
      // A log-out with a file open for writing would lock its path on the server; one that just closes is cleaned up.
      if (!this.#handles.mayBeOpen) await this.#channel.request('deauth', {}, { timeoutMs: this.#deauthMs });
    } catch {
      // The socket closes all the same, and the login ends with it.
    } finally {
      this.#channel.close();
    }
  }

  /** @throws when it is not understood, which the channel logs */
  #receive(event: ServerEvent): void {
    if (event.event === 'apaext_account') this.#account = serverAccount.parse(event.body);
    this.#received.fire(event);
  }
}

function accountOf(body: Args): ServerAccount {
  const account = serverAccount.safeParse(body);
  if (account.success) return account.data;
  throw new ChatError('server-error', 'The server answered the login in a way that this version does not understand.', {
    cause: account.error,
  });
}
