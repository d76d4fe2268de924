import { RemoteFileStore, type RemoteFileStoreOptions } from '../../src/files/remoteFileStore.ts';
import { Connection, type ConnectionOptions } from '../../src/rocketride/connection.ts';
import { RocketRideServer, type ServerOptions } from './rocketRideServer/rocketRideServer.ts';

/** A server with the windows that are connected to it, all gone with `close`. */
export class ServerWorld {
  readonly server: RocketRideServer;
  readonly logged: string[] = [];
  readonly #connections = new Map<RemoteFileStore, Connection>();
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(server: RocketRideServer) {
    this.server = server;
  }

  static async start(options?: ServerOptions): Promise<ServerWorld> {
    return new ServerWorld(await RocketRideServer.start(options));
  }

  connect(options: Partial<ConnectionOptions> = {}): Connection {
    const { url, key } = this.server;
    const log = (message: string) => void this.logged.push(message);
    const times = { firstRetryMs: 5, longestRetryMs: 50, waitMs: 5000, ...options.times };
    const connection = new Connection({ url, credential: async () => key, log, ...options, times });
    this.#ends.unshift(() => connection.dispose());
    return connection;
  }

  /** The files of one window, over a connection of its own unless one is given. */
  files(options: Partial<RemoteFileStoreOptions> = {}): RemoteFileStore {
    const own = options.link ? undefined : this.connect();
    const link = options.link ?? own ?? this.connect();
    const files = new RemoteFileStore({ link, location: 'test', pollMs: 20, ...options });
    this.#ends.unshift(() => this.disconnect(files));
    if (own) this.#connections.set(files, own);
    return files;
  }

  /** Closes a window as a user does. */
  async disconnect(files: RemoteFileStore): Promise<void> {
    await files.dispose();
    await this.#connections.get(files)?.dispose();
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
    await this.server.stop();
  }
}
