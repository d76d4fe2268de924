import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, Services } from './call.ts';
import { ClientLogin } from './clientLogin.ts';
import { PUBLIC_PROBE, runCommand } from './commands.ts';
import type { Frame } from './frame.ts';
import { FrameSocket, type FrameSocketDeps } from './frameSocket.ts';
import { type EventType, Monitors } from './monitors.ts';
import { Refusal } from './refusal.ts';
import { type RequestRecord, requestRecord } from './requestLog.ts';
import type { Task } from './task.ts';

export interface ServerConnectionDeps extends Pick<FrameSocketDeps, 'socket' | 'stream'> {
  readonly id: number;
  readonly services: Services;
  /** May hold a request back, or do something first. */
  readonly onRequest: (request: Frame, record: RequestRecord) => Promise<void>;
  readonly onClose: (connection: ServerConnection) => void;
}

/** One client. Every message is a task of its own, so that answers may overtake each other. */
export class ServerConnection {
  readonly id: number;
  readonly #deps: ServerConnectionDeps;
  readonly #frames: FrameSocket;
  readonly #login: ClientLogin;
  readonly #monitors = new Monitors();
  readonly #gone = Promise.withResolvers<void>();
  isClosed = false;

  constructor(deps: ServerConnectionDeps) {
    this.id = deps.id;
    this.#deps = deps;
    this.#login = new ClientLogin(deps.services);
    this.#frames = new FrameSocket({
      connection: deps.id,
      socket: deps.socket,
      stream: deps.stream,
      traps: deps.services.traps,
      onRequest: (request) => void this.#handle(request),
      onClose: () => void this.#close(),
    });
  }

  get isLoggedIn(): boolean {
    return this.#login.current !== undefined;
  }

  /** Resolves when the socket is closed, its open files with it. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Cuts the socket without a close frame. */
  drop(): void {
    this.#frames.drop();
  }

  ping(): void {
    this.#frames.ping();
  }

  /** Sends what a pipeline tells, if this connection asked for it and may know. */
  tell(task: Task, type: EventType, event: string, body: object): void {
    const login = this.#login.current;
    if (login?.userId !== task.userId) return;
    if (!login.permissions.includes(type === 'SSE' ? 'task.data' : 'task.monitor')) return;
    const pipeId = 'pipe_id' in body ? body.pipe_id : undefined;
    if (this.#monitors.hears(task, type, pipeId)) this.sendEvent(event, body, task.id);
  }

  /** @param id `__id`: which task it is about; empty for none */
  sendEvent(event: string, body: object, id: string): void {
    const message = { type: 'event', event, body: { ...body, __id: id } };
    this.#frames.send(message, { command: event, subcommand: '', args: {} });
  }

  async #handle(request: Frame): Promise<void> {
    const { services, onRequest } = this.#deps;
    const { traps } = services;
    const record = requestRecord(request);
    await onRequest(request, record);
    if (traps.latencyMs > 0) await sleep(traps.latencyMs);
    if (services.isDown || traps.ignores?.(request)) return;
    const head = { type: 'response', request_seq: request.message.seq, command: request.command };
    try {
      const reply = await this.#run(request);
      if (!reply || traps.withholdsReply?.(request)) return;
      const { body, data } = reply;
      const message = { ...head, success: true, ...(body && { body }), ...(data && { arguments: {} }) };
      record.endedMs = performance.now();
      record.bytesDown = this.#frames.send(message, request, data);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const trace = { file: 'task_conn.py', lineno: 264 };
      record.refusal = message;
      record.endedMs = performance.now();
      record.bytesDown = this.#frames.send({ ...head, success: false, message, trace }, request);
      if (request.command === 'auth' || !this.isLoggedIn) this.#frames.close(1000);
    }
  }

  async #run(request: Frame): Promise<Reply | undefined> {
    const { services } = this.#deps;
    const { command, args } = request;
    const refusal = services.traps.refuse?.(request);
    if (refusal !== undefined) throw new Refusal(refusal);
    if (command === 'auth') return this.#login.auth(args.auth);
    if (command === 'rrext_public_probe') return { body: PUBLIC_PROBE };
    const login = this.#login.current;
    if (!login) throw new Refusal('Not authenticated');
    if (command === 'deauth') return this.#login.deauth();
    return runCommand({
      request,
      args,
      token: login.ownToken ?? args.token ?? request.message.token,
      login,
      owner: this,
      monitors: this.#monitors,
      services,
      sendEvent: (event, body, id) => this.sendEvent(event, body, id),
    });
  }

  async #close(): Promise<void> {
    this.isClosed = true;
    const { services, onClose } = this.#deps;
    onClose(this);
    if (this.#login.filesOf !== undefined) await services.filesOf(this.#login.filesOf).handles.closeAll(this);
    this.#gone.resolve();
  }
}
