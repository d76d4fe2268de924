import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawData, WebSocket } from 'ws';
import { type Login, logIn } from './account.ts';
import type { Reply, Services } from './call.ts';
import { PUBLIC_PROBE, runCommand } from './commands.ts';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { type EventType, Monitors } from './monitors.ts';
import { Refusal } from './refusal.ts';
import { type RequestRecord, requestRecord } from './requestLog.ts';
import type { Task } from './task.ts';

export interface ConnectionDeps {
  readonly id: number;
  readonly socket: WebSocket;
  /** The stream below the socket, to be cut without a word. */
  readonly stream: Duplex;
  readonly services: Services;
  /** May hold a request back, or do something first. */
  readonly onRequest: (request: Frame, record: RequestRecord) => Promise<void>;
  readonly onClose: (connection: ServerConnection) => void;
}

const LOGINS_PER_CONNECTION = 5;

/** One client's socket. Every message is a task of its own, so that answers may overtake each other. */
export class ServerConnection {
  readonly id: number;
  readonly #deps: ConnectionDeps;
  readonly #monitors = new Monitors();
  #login: Login | undefined;
  /** Whose handles are closed with the socket: nobody's after a deauth. */
  #handlesOf: string | undefined;
  #loginCount = 0;
  #seq = 0;
  #received = 0;
  /** Nothing is sent any more. */
  #isCut = false;
  isClosed = false;

  constructor(deps: ConnectionDeps) {
    this.id = deps.id;
    this.#deps = deps;
    deps.socket.on('message', (data: RawData) => this.#receive(bytesOf(data)));
    deps.socket.on('close', () => this.#close());
    // A reset connection is closed right after, which is all that matters here.
    deps.socket.on('error', () => {});
  }

  get isLoggedIn(): boolean {
    return this.#login !== undefined;
  }

  /** Cuts the socket without a close frame. */
  drop(): void {
    this.#isCut = true;
    this.#deps.stream.destroy();
  }

  close(code: number): void {
    this.#deps.socket.close(code);
  }

  /** Sends what a pipeline tells, if this connection asked for it and may know. */
  tell(task: Task, type: EventType, event: string, body: object): void {
    const isAllowed = this.#login?.permissions.includes(type === 'SSE' ? 'task.data' : 'task.monitor');
    const pipeId = 'pipe_id' in body ? body.pipe_id : undefined;
    if (isAllowed && this.#login?.userId === task.userId && this.#monitors.hears(task, type, pipeId)) {
      this.sendEvent(event, body, task.id);
    }
  }

  sendEvent(event: string, body: object, id: string): void {
    this.#send({ type: 'event', event, body: { ...body, __id: id } }, { command: event, subcommand: '', args: {} });
  }

  #receive(bytes: Buffer): void {
    const decoded = decodeFrame(bytes);
    if (!decoded) return;
    const { message, data } = decoded;
    const { command, arguments: args } = message;
    const subcommand = typeof args.subcommand === 'string' ? args.subcommand : '';
    const place = { from: 'client' as const, connection: this.id, index: ++this.#received, bytes: bytes.length };
    const request = { ...place, message, command, subcommand, args, data };
    if (this.#deps.services.traps.springs(request, 'before')) {
      this.drop();
      return;
    }
    void this.#handle(request);
    if (this.#deps.services.traps.springs(request, 'after')) this.drop();
  }

  async #handle(request: Frame): Promise<void> {
    const { traps } = this.#deps.services;
    const record = requestRecord(request);
    await this.#deps.onRequest(request, record);
    if (traps.latencyMs > 0) await sleep(traps.latencyMs);
    if (traps.ignores?.(request)) return;
    let isLast = false;
    let message: object;
    let data: Uint8Array | undefined;
    try {
      const reply = await this.#run(request);
      if (!reply) return;
      message = { success: true, ...(reply.body && { body: reply.body }), ...(reply.data && { arguments: {} }) };
      data = reply.data;
    } catch (error) {
      isLast = request.command === 'auth' || !this.#login;
      record.refusal = error instanceof Error ? error.message : String(error);
      message = { success: false, message: record.refusal, trace: { file: 'task_conn.py', lineno: 264 } };
    }
    if (traps.withholdsReply?.(request)) return;
    record.endedMs = performance.now();
    const { command, message: asked } = request;
    record.bytesDown = this.#send({ type: 'response', request_seq: asked.seq, command, ...message }, request, data);
    if (isLast) this.close(1000);
  }

  async #run(request: Frame): Promise<Reply | undefined> {
    const { services } = this.#deps;
    const { command, args } = request;
    const refusal = services.traps.refuse?.(request);
    if (refusal !== undefined) throw new Refusal(refusal);
    if (command === 'auth') return this.#auth(args);
    if (command === 'rrext_public_probe') return { body: PUBLIC_PROBE };
    if (!this.#login) throw new Refusal('Not authenticated');
    if (command === 'deauth') return this.#deauth();
    return runCommand({
      request,
      args,
      token: this.#login.ownToken ?? args.token ?? request.message.token,
      login: this.#login,
      owner: this,
      monitors: this.#monitors,
      services,
      sendEvent: (event, body, id) => this.sendEvent(event, body, id),
    });
  }

  #auth(args: Readonly<Record<string, unknown>>): Reply {
    this.#loginCount += 1;
    if (this.#loginCount > LOGINS_PER_CONNECTION) throw new Refusal('Too many authentication attempts');
    this.#login = logIn(args.auth, this.#deps.services.accounts, this.#deps.services.tasks);
    this.#handlesOf = this.#login.userId;
    return { body: this.#login.body };
  }

  #deauth(): Reply {
    this.#login = undefined;
    if (this.#deps.services.traps.keepsHandlesAtDeauth) this.#handlesOf = undefined;
    return { body: {} };
  }

  #send(message: object, about: Pick<Frame, 'command' | 'subcommand' | 'args'>, data?: Uint8Array): number {
    if (this.#isCut || this.isClosed) return 0;
    const { traps } = this.#deps.services;
    const { type, ...rest } = { type: '', ...message };
    const numbered = { type, seq: ++this.#seq, ...rest };
    const bytes = encodeFrame(numbered, data);
    const { command, subcommand, args } = about;
    const size = Buffer.byteLength(bytes);
    const place = { from: 'server' as const, connection: this.id, index: this.#seq, bytes: size };
    const frame: Frame = { ...place, message: numbered, command, subcommand, args, data };
    if (traps.springs(frame, 'before')) {
      this.drop();
      return 0;
    }
    this.#isCut = traps.springs(frame, 'after');
    const { stream } = this.#deps;
    const onSent = () => this.#isCut && stream.end(() => stream.destroy());
    this.#deps.socket.send(traps.replacesFrame?.(frame) ?? bytes, onSent);
    return size;
  }

  #close(): void {
    this.isClosed = true;
    const { services, onClose } = this.#deps;
    if (this.#handlesOf !== undefined) void services.filesOf(this.#handlesOf).handles.closeAll(this);
    onClose(this);
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
