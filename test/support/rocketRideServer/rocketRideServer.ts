import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Account } from './account.ts';
import { AccountFiles } from './accountFiles.ts';
import type { Services } from './call.ts';
import { DiskStorage } from './diskStorage.ts';
import { echoResponder } from './echoResponder.ts';
import type { Frame } from './frame.ts';
import { httpPages } from './httpPages.ts';
import { ObjectStorage } from './objectStorage.ts';
import type { RequestRecord } from './requestLog.ts';
import type { Responder } from './responder.ts';
import { ServerConnection } from './serverConnection.ts';
import { Tasks } from './tasks.ts';
import { Traps } from './traps.ts';

export interface ServerOptions {
  /** Where accounts keep their files: `users/<userId>/files/…`. Default: a temporary folder that `stop` removes. */
  readonly folder?: string;
  /** Key of the user `local`, who may do everything. Default `MYAPIKEY`. */
  readonly key?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Others who may log in. */
  readonly accounts?: readonly Account[];
  /** Who answers in place of the pipelines. Default: `echoResponder`. */
  readonly answer?: Responder;
}

const MAX_MESSAGE_BYTES = 250 * 1024 * 1024;
const WAITING_FOR_LOGIN = 10;
const IDLE_CHECK_SECONDS = 60;

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
  #http: Server | undefined;
  #services: RunningServices;
  #idleCheck: NodeJS.Timeout | undefined;

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
    clearInterval(this.#idleCheck);
    const { tasks, files } = this.#services;
    this.#services = this.#newServices();
    for (const task of tasks.all) task.vanish();
    for (const { handles } of files.values()) await handles.abandonAll();
    this.dropAll();
    const http = this.#http;
    if (!http) return;
    this.#http = undefined;
    const closed = once(http, 'close');
    http.close();
    http.closeAllConnections();
    await closed;
  }

  async comeUp(): Promise<void> {
    const http = createServer(httpPages);
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
    http.on('upgrade', (request, stream, head) => this.#upgrade(sockets, request, stream, head));
    http.listen(this.#port, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    if (typeof address === 'object' && address) this.#port = address.port;
    this.#http = http;
    this.#idleCheck = setInterval(() => void this.tasks.passTime(IDLE_CHECK_SECONDS), IDLE_CHECK_SECONDS * 1000);
    this.#idleCheck.unref();
  }

  /** Cuts every socket; the server goes on. */
  dropAll(): void {
    for (const connection of this.#connections) connection.drop();
  }

  /** Sends an event to everybody, asked for or not. */
  broadcast(event: string, body: object): void {
    for (const connection of this.#connections) connection.sendEvent(event, body, '');
  }

  #upgrade(sockets: WebSocketServer, request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (new URL(request.url ?? '/', 'http://server').pathname !== '/task/service') {
      stream.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const waiting = this.connections.filter(({ isLoggedIn }) => !isLoggedIn).length;
      if (this.traps.isFull || waiting >= WAITING_FOR_LOGIN) return socket.close(1008);
      const connection = new ServerConnection({
        id: ++this.#connectionCount,
        socket,
        stream,
        services: this.#services,
        onRequest: async (frame, record) => {
          this.requests.push(record);
          await this.onRequest?.(frame);
        },
        onClose: (closed) => this.#connections.delete(closed),
      });
      this.#connections.add(connection);
    });
  }

  #newServices(): RunningServices {
    const { traps } = this;
    const disk = new DiskStorage(this.folder);
    const objects = new ObjectStorage(this.folder);
    const files = new Map<string, AccountFiles>();
    const filesOf = (userId: string) => {
      const known = files.get(userId);
      if (known) return known;
      const made = new AccountFiles(userId, () => (traps.storage === 'object' ? objects : disk));
      files.set(userId, made);
      return made;
    };
    const answer = this.#options.answer ?? echoResponder;
    const publish: ConstructorParameters<typeof Tasks>[0]['publish'] = (task, type, event, body) => {
      for (const connection of this.#connections) connection.tell(task, type, event, body);
    };
    const accounts = [{ key: this.key, userId: 'local' }, ...(this.#options.accounts ?? [])];
    return { traps, accounts, files, filesOf, tasks: new Tasks({ answer, publish }, traps) };
  }
}

/** What lives as long as the server's process. */
interface RunningServices extends Services {
  readonly files: ReadonlyMap<string, AccountFiles>;
}
