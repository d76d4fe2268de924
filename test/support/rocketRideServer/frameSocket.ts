import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import type { Traps } from './traps.ts';

export interface FrameSocketDeps {
  readonly connection: number;
  readonly socket: WebSocket;
  /** The stream below the socket, to be cut without a word. */
  readonly stream: Duplex;
  readonly traps: Traps;
  readonly onRequest: (request: Frame) => void;
  readonly onClose: () => void;
}

const MISSED_PONGS = 4;

/** Frames in and out of one socket, past the traps that lie there. */
export class FrameSocket {
  readonly #deps: FrameSocketDeps;
  #missedPongs = 0;
  #sent = 0;
  #received = 0;
  /** Nothing is sent any more. */
  #isCut = false;

  constructor(deps: FrameSocketDeps) {
    this.#deps = deps;
    deps.socket.on('message', (data: RawData) => this.#receive(bytesOf(data)));
    deps.socket.on('pong', () => {
      this.#missedPongs = 0;
    });
    deps.socket.on('close', deps.onClose);
    // A reset connection is closed right after, which is all that matters here.
    deps.socket.on('error', () => {});
  }

  /**
   * Sends a message with the next `seq`, and gives its size on the wire; 0 when the socket is gone.
   * @param about the request that it answers, or the name of an event
   */
  send(message: object, about: Pick<Frame, 'command' | 'subcommand' | 'args'>, data?: Uint8Array): number {
    const { connection, traps, socket, stream } = this.#deps;
    if (this.#isCut || socket.readyState !== socket.OPEN) return 0;
    const numbered = { seq: ++this.#sent, ...message };
    const bytes = encodeFrame(numbered, data);
    const { command, subcommand, args } = about;
    const size = Buffer.byteLength(bytes);
    const place = { from: 'server' as const, connection, index: this.#sent, bytes: size };
    const frame: Frame = { ...place, message: numbered, command, subcommand, args, data };
    if (traps.springs(frame, 'before')) {
      this.drop();
      return 0;
    }
    this.#isCut = traps.springs(frame, 'after');
    const onSent = () => this.#isCut && stream.end(() => stream.destroy());
    socket.send(traps.replacesFrame?.(frame) ?? bytes, onSent);
    return size;
  }

  /** Cuts the socket without a close frame. */
  drop(): void {
    this.#isCut = true;
    this.#deps.stream.destroy();
  }

  close(code: number): void {
    this.#deps.socket.close(code);
  }

  /** Drops a client that has answered none of the last pings. */
  ping(): void {
    this.#missedPongs += 1;
    if (this.#missedPongs > MISSED_PONGS) this.drop();
    else this.#deps.socket.ping();
  }

  #receive(bytes: Buffer): void {
    const decoded = decodeFrame(bytes);
    if (!decoded) return;
    const { connection, traps, onRequest } = this.#deps;
    const { message, data } = decoded;
    const { command, arguments: args } = message;
    const subcommand = typeof args.subcommand === 'string' ? args.subcommand : '';
    const place = { from: 'client' as const, connection, index: ++this.#received, bytes: bytes.length };
    const frame: Frame = { ...place, message, command, subcommand, args, data };
    if (traps.springs(frame, 'before')) {
      this.drop();
      return;
    }
    onRequest(frame);
    if (traps.springs(frame, 'after')) this.drop();
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
