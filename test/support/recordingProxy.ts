import { once } from 'node:events';
import { createServer } from 'node:http';

/** An HTTP proxy that lets nothing through and knows what was asked of it. */
export interface RecordingProxy {
  readonly url: string;
  /** Each `host:port` that a tunnel was asked to, in order. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

export async function startRecordingProxy(): Promise<RecordingProxy> {
  const tunnels: string[] = [];
  const server = createServer((_request, response) => response.writeHead(502).end());
  server.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
