import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod/mini';

const clientMessage = z.object({
  type: z.literal('request'),
  seq: z.number(),
  command: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});

/** One request that came in, with the means to answer it. */
export interface ScriptedRequest {
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The payload when it came as a binary frame. */
  readonly data: Buffer | undefined;
  /** How many sockets were opened before its own. */
  readonly socketNumber: number;
  /** The bytes as they came. */
  readonly raw: Buffer;
  readonly socket: WebSocket;
  answer(body?: Readonly<Record<string, unknown>>): void;
  fail(message: string): void;
  /** Answers with the fields given, whatever they are. */
  send(fields: Readonly<Record<string, unknown>>, payload?: Uint8Array): void;
}

export interface ScriptedOptions {
  readonly port?: number;
  /** The keys that are let in; every login gives the token `token of <key>`, which is let in too. */
  readonly keys?: readonly string[];
  /** False hands logins to `onRequest` like everything else. */
  readonly logsIn?: boolean;
  readonly answersPings?: boolean;
  readonly onConnect?: (socket: WebSocket) => void;
  /** What is not a login; without it every request is answered with nothing. */
  readonly onRequest?: (request: ScriptedRequest) => void;
}

export const scriptedAccount = (key: string) => ({
  userToken: `token of ${key}`,
  userId: 'local',
  defaultTeam: 'local',
  organizations: [{ id: 'local', permissions: ['org.admin'], teams: [{ id: 'local', permissions: ['task.store'] }] }],
  capabilities: ['oss'],
});

/** A WebSocket on 127.0.0.1 that answers as it is told, for what a whole server would never do. */
export class ScriptedSocketServer {
  readonly requests: ScriptedRequest[] = [];
  /** Each request as it comes in. */
  readonly #came = new EventEmitter();
  readonly #server: WebSocketServer;
  #sockets = 0;

  private constructor(server: WebSocketServer, options: ScriptedOptions) {
    this.#server = server;
    server.on('connection', (socket) => {
      const socketNumber = this.#sockets++;
      socket.on('message', (raw: Buffer, isBinary) => this.#receive({ raw, isBinary, socket, socketNumber }, options));
      options.onConnect?.(socket);
    });
  }

  static async start(options: ScriptedOptions = {}): Promise<ScriptedSocketServer> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: options.port ?? 0,
      path: '/task/service',
      autoPong: options.answersPings ?? true,
    });
    await once(server, 'listening');
    return new ScriptedSocketServer(server, options);
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(address && typeof address === 'object');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The keys and tokens of the logins so far. */
  get logins(): unknown[] {
    return this.requests.filter(({ command }) => command === 'auth').map(({ args }) => args.auth);
  }

  /** The first request for which it holds, from the past or to come. */
  async request(matches: (request: ScriptedRequest) => boolean): Promise<ScriptedRequest> {
    for (;;) {
      const found = this.requests.find(matches);
      if (found) return found;
      await once(this.#came, 'request');
    }
  }

  /** Sends to every client. */
  push(event: string, body: Readonly<Record<string, unknown>>): void {
    for (const socket of this.#server.clients) socket.send(JSON.stringify({ type: 'event', seq: 1, event, body }));
  }

  /** Cuts every socket, without a goodbye. */
  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async stop(): Promise<void> {
    this.drop();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #receive(
    {
      raw,
      isBinary,
      socket,
      socketNumber,
    }: { raw: Buffer; isBinary: boolean; socket: WebSocket; socketNumber: number },
    options: ScriptedOptions,
  ): void {
    const end = isBinary ? raw.indexOf('\n') : raw.length;
    const { seq, command, arguments: args } = clientMessage.parse(JSON.parse(raw.toString('utf8', 0, end)));
    const send: ScriptedRequest['send'] = (fields, payload) => {
      const json = JSON.stringify({ type: 'response', seq, request_seq: seq, command, ...fields });
      socket.send(payload ? Buffer.concat([Buffer.from(`${json}\n`), payload]) : json);
    };
    const request: ScriptedRequest = {
      ...{ command, args, raw, socket, socketNumber, send },
      data: isBinary ? raw.subarray(end + 1) : undefined,
      answer: (body) => send(body ? { success: true, body } : { success: true }),
      fail: (message) => send({ success: false, message, trace: { file: 'file.py', lineno: 1 } }),
    };
    this.requests.push(request);
    if (command === 'auth' && options.logsIn !== false) logIn(request, options.keys ?? ['good key']);
    else if (options.onRequest) options.onRequest(request);
    else request.answer();
    this.#came.emit('request');
  }
}

function logIn(request: ScriptedRequest, keys: readonly string[]): void {
  const given = String(request.args.auth);
  const key = keys.find((known) => known === given || given === `token of ${known}`);
  if (key) {
    request.answer(scriptedAccount(key));
  } else {
    request.fail('Invalid API key');
    request.socket.close(1000);
  }
}
