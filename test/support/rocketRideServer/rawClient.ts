import { once } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import * as z from 'zod/mini';

const received = z.looseObject({
  type: z.string(),
  request_seq: z.optional(z.number()),
  success: z.optional(z.boolean()),
  message: z.optional(z.string()),
  event: z.optional(z.string()),
  body: z._default(z.record(z.string(), z.unknown()), {}),
});

export interface Received {
  readonly isBinary: boolean;
  /** As it came. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly message: z.infer<typeof received>;
  readonly data: Buffer | undefined;
}

/** The least that speaks to a server: no retries, no deadlines, nothing sent that was not asked for. */
export class RawClient {
  readonly #socket: WebSocket;
  readonly #received: Received[] = [];
  readonly #closed: Promise<number>;
  #wake = Promise.withResolvers<void>();
  #seq = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = once(socket, 'close').then(([code]) => Number(code));
    socket.on('message', (data: RawData, isBinary) => this.#receive(data, isBinary));
    // The close that follows is what tells.
    socket.on('error', () => {});
  }

  static async open(url: string): Promise<RawClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/task/service`);
    const client = new RawClient(socket);
    await once(socket, 'open');
    return client;
  }

  static async logIn(url: string, auth: string): Promise<RawClient> {
    const client = await RawClient.open(url);
    await client.body('auth', { auth });
    return client;
  }

  /** The code that the socket closed with: 1006 when it was cut. */
  get closed(): Promise<number> {
    return this.#closed;
  }

  /** How many frames came that nobody took. */
  get untaken(): number {
    return this.#received.length;
  }

  send(message: object, data?: Uint8Array): void {
    const json = JSON.stringify(message);
    this.#socket.send(data ? Buffer.concat([Buffer.from(`${json}\n`), data]) : json);
  }

  /** The first frame that was not taken yet and matches. */
  async next(matches: (frame: Received) => boolean = () => true): Promise<Received> {
    for (;;) {
      const at = this.#received.findIndex(matches);
      const [found] = at < 0 ? [] : this.#received.splice(at, 1);
      if (found) return found;
      await this.#wake.promise;
    }
  }

  /** Sends a request and gives its answer, good or bad; waits for ever when there is none. */
  request(command: string, args: object = {}, data?: Uint8Array): Promise<Received> {
    const seq = ++this.#seq;
    this.send({ type: 'request', seq, command, arguments: args }, data);
    return this.next(({ message }) => message.request_seq === seq);
  }

  /** The body of a good answer. @throws the text of a bad one. */
  async body(command: string, args: object = {}, data?: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
    const { message } = await this.request(command, args, data);
    if (!message.success) throw new Error(message.message);
    return message.body;
  }

  /** `rrext_store`. */
  store(subcommand: string, args: object = {}, data?: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
    return this.body('rrext_store', { subcommand, ...args }, data);
  }

  async write(path: string, text: string): Promise<void> {
    const { handle } = await this.store('fs_open', { path, mode: 'w' });
    await this.store('fs_write', { handle }, Buffer.from(text));
    await this.store('fs_close', { handle, mode: 'w' });
  }

  async read(path: string): Promise<string> {
    const { handle } = await this.store('fs_open', { path });
    const { data } = await this.request('rrext_store', { subcommand: 'fs_read', handle });
    await this.store('fs_close', { handle });
    return `${data}`;
  }

  /** Takes nothing from the socket any more, not even pings. */
  pause(): void {
    this.#socket.pause();
  }

  async close(code = 1000): Promise<void> {
    this.#socket.close(code);
    await this.#closed;
  }

  #receive(data: RawData, isBinary: boolean): void {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(String(data));
    const end = isBinary ? bytes.indexOf(0x0a) : -1;
    const json = JSON.parse(bytes.toString('utf8', 0, end < 0 ? bytes.length : end));
    const payload = end < 0 ? undefined : bytes.subarray(end + 1);
    this.#received.push({ isBinary, json, message: received.parse(json), data: payload });
    const wake = this.#wake;
    this.#wake = Promise.withResolvers();
    wake.resolve();
  }
}
