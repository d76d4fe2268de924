import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { httpPages } from './httpPages.ts';

const MAX_MESSAGE_BYTES = 250 * 1024 * 1024;

/** The port of a server: pages for a browser, and sockets at `/task/service`. */
export class SocketListener {
  readonly #http: Server;

  private constructor(http: Server) {
    this.#http = http;
  }

  /** @param port 0 for any that is free */
  static async listen(port: number, onSocket: (socket: WebSocket, stream: Duplex) => void): Promise<SocketListener> {
    const http = createServer(httpPages);
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
    http.on('upgrade', (request, stream, head) => {
      const { pathname } = new URL(request.url ?? '/', 'http://server');
      if (pathname !== '/task/service') stream.end('HTTP/1.1 404 Not Found\r\n\r\n');
      else sockets.handleUpgrade(request, stream, head, (socket) => onSocket(socket, stream));
    });
    http.listen(port, '127.0.0.1');
    await once(http, 'listening');
    return new SocketListener(http);
  }

  get port(): number {
    const address = this.#http.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Takes nothing any more; sockets that are open are not its own. */
  async close(): Promise<void> {
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }
}
