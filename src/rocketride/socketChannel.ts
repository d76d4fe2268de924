import type { WebSocket } from 'ws';
import { ChatError, type ChatErrorCode } from '../protocol/chatError.ts';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { MAX_MESSAGE_BYTES } from './openSocket.ts';
import { ServerFailure } from './serverFailure.ts';
import { type ServerEvent, serverEvent, serverResponse } from './serverMessage.ts';
import type { RequestOptions, ServerReply } from './serverSession.ts';
import { SocketClosed } from './socketClosed.ts';

export interface ChannelOptions {
  readonly log: (message: string, cause?: unknown) => void;
  readonly onEvent: (event: ServerEvent) => void;
  /** Once, when nothing comes or goes any more. */
  readonly onClose: () => void;
  /** How long a request waits that does not say it itself, in milliseconds. */
  readonly requestMs: number;
  readonly pingEveryMs: number;
  /** A socket on which nothing came for so long is taken for dead, in milliseconds. */
  readonly deadAfterMs: number;
}

interface Pending {
  readonly command: string;
  resolve(reply: ServerReply): void;
  reject(error: unknown): void;
}

const UNCLEAR: ReadonlySet<ChatErrorCode> = new Set(['server-error', 'server-refused', 'pipeline-invalid']);

/** Of frames that are not understood so many are logged. */
const MOST_STRANGE = 20;

/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Requests with their answers, and events, over one open WebSocket. */
export class SocketChannel {
  readonly #socket: WebSocket;
  readonly #options: ChannelOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #pings: NodeJS.Timeout;
  #lastSeq = 0;
  #lastSignAt = Date.now();
  #lastPingAt = Date.now();
  #end: SocketClosed | undefined;
  #strangeCount = 0;

  constructor(socket: WebSocket, options: ChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#pings = setInterval(() => this.#ping(), options.pingEveryMs);
    socket.on('message', (bytes: Buffer) => this.#receive(bytes));
    socket.on('ping', () => this.#sign());
    socket.on('pong', () => this.#sign());
    socket.on('error', (error) => options.log('The connection to the server failed', error));
    socket.on('close', (code) => this.#finish(code));
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  async request(
    command: string,
    args: Readonly<Record<string, unknown>>,
    options: RequestOptions,
  ): Promise<ServerReply> {
    const { data, timeoutMs = this.#options.requestMs, signal } = options;
    if (this.#end) throw this.#end;
    if (signal?.aborted) throw stopped();
    this.#lastSeq += 1;
    const seq = this.#lastSeq;
    const frame = encodeFrame({ message: { type: 'request', seq, command, arguments: args }, data });
    if (Buffer.byteLength(frame) > MAX_MESSAGE_BYTES) {
      throw new ChatError('invalid', 'This is too large for the server: it takes up to 250 MB at once.');
    }
    const { promise, resolve, reject } = Promise.withResolvers<ServerReply>();
    this.#pending.set(seq, { command, resolve, reject });
    const timer = timeoutMs < MAX_TIMER_MS ? setTimeout(() => reject(unanswered()), timeoutMs) : undefined;
    const onAbort = () => reject(stopped());
    signal?.addEventListener('abort', onAbort);
    try {
      this.#socket.send(frame);
      return await promise;
    } finally {
      this.#pending.delete(seq);
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends what is under way, and closes the socket. */
  close(): void {
    this.#finish(1000);
    this.#socket.close(1000);
  }

  #ping(): void {
    const now = Date.now();
    // A machine that slept, or a process that was held up, had no chance to see an answer: it gets one more ping.
    const wasAwake = now - this.#lastPingAt < 2 * this.#options.pingEveryMs;
    this.#lastPingAt = now;
    if (wasAwake && now - this.#lastSignAt > this.#options.deadAfterMs) {
      this.#options.log('The server does not answer any more; the connection is given up');
      this.#socket.terminate();
    } else {
      this.#socket.ping();
    }
  }

  #sign(): void {
    this.#lastSignAt = Date.now();
  }

  #finish(code: number): void {
    if (this.#end) return;
    this.#end = new SocketClosed(code);
    clearInterval(this.#pings);
    for (const { reject } of this.#pending.values()) reject(this.#end);
    this.#options.onClose();
  }

  #receive(bytes: Uint8Array): void {
    this.#sign();
    if (this.#end) return;
    try {
      this.#dispatch(decodeFrame(bytes));
    } catch (error) {
      this.#logStrange(error);
    }
  }

  #logStrange(error: unknown): void {
    this.#strangeCount += 1;
    if (this.#strangeCount > MOST_STRANGE) return;
    this.#options.log("The server sent something that can't be understood", error);
    if (this.#strangeCount === MOST_STRANGE) this.#options.log('Nothing is logged any more of it on this connection');
  }

  #dispatch({ message, data }: Frame): void {
    if (message.type === 'event') {
      const { event, body } = serverEvent.parse(message);
      this.#options.onEvent({ event, body });
      return;
    }
    const response = serverResponse.safeParse(message);
    if (!response.success) {
      const pending = typeof message.request_seq === 'number' ? this.#pending.get(message.request_seq) : undefined;
      // A refusal is one in whatever shape: a key must not be tried again because of it.
      pending?.reject(message.success === false ? new ServerFailure('') : notUnderstood());
      throw response.error;
    }
    const { request_seq, success, message: text, body } = response.data;
    const pending = this.#pending.get(request_seq);
    if (success !== false) pending?.resolve({ body, data });
    else if (pending) pending.reject(this.#failure(text ?? '', pending.command));
  }

  #failure(text: string, command: string): ServerFailure {
    const failure = new ServerFailure(text);
    // Its own text is shown nowhere else, and these meanings do not tell enough.
    if (UNCLEAR.has(failure.code)) this.#options.log(`The server refused ${command}: ${text || '(without a reason)'}`);
    return failure;
  }
}

function stopped(): ChatError {
  return new ChatError('stopped', 'It was stopped while the server was asked.');
}

function unanswered(): ChatError {
  return new ChatError('server-offline', 'The server did not answer in time. Try again.');
}

function notUnderstood(): ChatError {
  return new ChatError('server-error', 'The server answered in a way that this version does not understand.');
}
