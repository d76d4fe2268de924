import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { echoResponder } from './echoResponder.ts';
import type { Frame } from './frame.ts';
import type { RequestRecord } from './requestLog.ts';
import { RunningServices } from './runningServices.ts';
import { ServerConnection } from './serverConnection.ts';
import type { ServerOptions } from './serverOptions.ts';
import { SocketListener } from './socketListener.ts';
import type { Tasks } from './tasks.ts';
import { Traps } from './traps.ts';

export type { ServerOptions } from './serverOptions.ts';

const WAITING_FOR_LOGIN = 10;
const IDLE_CHECK_SECONDS = 60;
const PING_MS = 15_000;

/** A RocketRide server for tests: its wire, its file store, its tasks, and its traps. */
export class RocketRideServer {
  readonly traps = new Traps();
  /** Every request since the start, over all connections. */
  readonly requests: RequestRecord[] = [];
  readonly folder: string;
  readonly key: string;
  /** Awaited before a request is looked at. */
  onRequest: ((request: Frame) => Promise<void> | void) | undefined;
  readonly #options: ServerOptions;
  readonly #connections = new Set<ServerConnection>();
  #connectionCount = 0;
  #port: number;
  #listener: SocketListener | undefined;
  #services: RunningServices;
  #timers: readonly NodeJS.Timeout[] = [];

  private constructor(folder: string, options: ServerOptions) {
    this.folder = folder;
    this.key = options.key ?? 'MYAPIKEY';
    this.#options = options;
    this.#port = options.port ?? 0;
    this.#services = this.#newServices();
  }

  static async start(options: ServerOptions = {}): Promise<RocketRideServer> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'rocketride-')));
    const server = new RocketRideServer(folder, options);
    await server.comeUp();
    return server;
  }

  /** `http://127.0.0.1:<port>`, as a user would type it. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Those whose socket is open, logged in or not. */
  get connections(): readonly ServerConnection[] {
    return [...this.#connections];
  }

  get tasks(): Tasks {
    return this.#services.tasks;
  }

  /** Dies and comes back on the same port, with the files as they were left and no task. */
  async restart(): Promise<void> {
    await this.goDown();
    await this.comeUp();
  }

  async stop(): Promise<void> {
    await this.goDown();
    if (!this.#options.folder) await rm(this.folder, { recursive: true, force: true });
  }

  /** Dies: sockets drop, tasks and locks are gone, small writes to open files are lost. */
  async goDown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    // First, so that nobody comes in meanwhile.
    const closed = this.#listener?.close();
    await this.#services.die();
    await this.dropAll();
    await closed;
    this.#listener = undefined;
    this.#services = this.#newServices();
  }

  async comeUp(): Promise<void> {
    this.#listener = await SocketListener.listen(this.#port, (socket, stream) => this.#add(socket, stream));
    this.#port = this.#listener.port;
    this.#timers = [
      setInterval(() => void this.tasks.passTime(IDLE_CHECK_SECONDS), IDLE_CHECK_SECONDS * 1000),
      setInterval(() => this.#ping(), this.#options.pingMs ?? PING_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Cuts every socket; resolves when what was open on them is closed. The server goes on. */
  async dropAll(): Promise<void> {
    const connections = this.connections;
    for (const connection of connections) connection.drop();
    await Promise.all(connections.map(({ gone }) => gone));
  }

  /** Sends an event to everybody, asked for or not. */
  broadcast(event: string, body: object): void {
    for (const connection of this.#connections) connection.sendEvent(event, body, '');
  }

  #add(socket: WebSocket, stream: Duplex): void {
    const waiting = this.connections.filter(({ isLoggedIn }) => !isLoggedIn).length;
    if (this.traps.isFull || waiting >= WAITING_FOR_LOGIN) {
      socket.close(1008);
      return;
    }
    const onRequest = async (frame: Frame, record: RequestRecord) => {
      this.requests.push(record);
      await this.onRequest?.(frame);
    };
    const onClose = (closed: ServerConnection) => this.#connections.delete(closed);
    const id = ++this.#connectionCount;
    this.#connections.add(new ServerConnection({ id, socket, stream, services: this.#services, onRequest, onClose }));
  }

  #ping(): void {
    for (const connection of this.#connections) connection.ping();
  }

  #newServices(): RunningServices {
    const { folder, traps } = this;
    const accounts = [{ key: this.key, userId: 'local' }, ...(this.#options.accounts ?? [])];
    return new RunningServices({
      folder,
      traps,
      accounts,
      answer: this.#options.answer ?? echoResponder,
      publish: (...told) => {
        for (const connection of this.#connections) connection.tell(...told);
      },
    });
  }
}
