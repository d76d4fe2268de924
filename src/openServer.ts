import { CATALOG } from './chats/paths.ts';
import { RemoteEngine } from './engine/remoteEngine.ts';
import { RemoteFileStore } from './files/remoteFileStore.ts';
import type { Server, ServerOptions } from './host/server.ts';
import { Connection } from './rocketride/connection.ts';

/** Puts a server together; apart from the extension, which loads all this only for a user who has a server. */
export function openServer(
  { url, name, credential, isWatched }: ServerOptions,
  { log, clientVersion }: { log: (message: string, cause?: unknown) => void; clientVersion: string },
): Server {
  const connection = new Connection({ url, credential, log, clientVersion });
  const engine = new RemoteEngine({ link: connection, log: connection.log });
  const files = new RemoteFileStore({ link: connection, location: name, isWatched, rootFiles: [CATALOG] });
  return {
    url: connection.url,
    get state() {
      return connection.state;
    },
    onDidChange: connection.onDidChange,
    engine,
    files,
    connect: () => connection.connect(),
    dispose: async () => {
      engine.dispose();
      // Nothing is held without a session, and what waits for one would do so in vain.
      if (connection.state.kind !== 'ready') await connection.dispose();
      await files.dispose().finally(() => connection.dispose());
    },
  };
}
