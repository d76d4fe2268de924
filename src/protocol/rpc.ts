import * as z from 'zod/mini';
import type { Disposable } from '../util/disposable.ts';
import { ChatError, chatErrorShape } from './chatError.ts';

type Calls = Record<string, { readonly in: z.ZodMiniType; readonly out: z.ZodMiniType }>;
type Events = Record<string, z.ZodMiniType>;

/** Hears of refused messages and of defects, for the log. */
export type Report = (problem: string, cause?: unknown) => void;

/** The functions that answer a contract's calls. */
export type Handlers<C extends Calls> = {
  readonly [K in keyof C]: (args: z.infer<C[K]['in']>) => Promise<z.infer<C[K]['out']>>;
};

/** What lies between the two ends: one posts structured clones, the other gets them as `unknown`. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): Disposable;
}

const frame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number(), method: z.string(), args: z.optional(z.unknown()) }),
  z.object({ kind: z.literal('value'), id: z.number(), value: z.optional(z.unknown()) }),
  z.object({ kind: z.literal('error'), id: z.number(), error: chatErrorShape }),
  z.object({ kind: z.literal('event'), name: z.string(), value: z.unknown() }),
]);

/** The host's end: answers calls and sends events. What is not a call of the contract is refused and reported. */
export class HostRpc<C extends Calls, E extends Events> implements Disposable {
  readonly #port: Port;
  readonly #events: E;
  readonly #subscription: Disposable;
  readonly #report: Report;

  constructor(port: Port, contract: { calls: C; events: E }, handlers: Handlers<C>, report: Report) {
    this.#port = port;
    this.#events = contract.events;
    this.#report = report;
    this.#subscription = port.onMessage((message) => void this.#answer(message, contract.calls, handlers));
  }

  fire<K extends keyof E & string>(name: K, value: z.infer<E[K]>): void {
    const schema: z.ZodMiniType | undefined = this.#events[name];
    this.#port.post({ kind: 'event', name, value: schema?.parse(value) });
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #answer(message: unknown, calls: C, handlers: Handlers<C>): Promise<void> {
    const parsed = frame.safeParse(message);
    if (!parsed.success || parsed.data.kind !== 'call') {
      this.#report('A message of the page was refused: it is no call.');
      return;
    }
    const { id, method, args } = parsed.data;
    try {
      const call = Object.hasOwn(calls, method) ? calls[method] : undefined;
      const handler = handlers[method];
      const input = call?.in.safeParse(args);
      if (!call || !handler || !input?.success) {
        this.#report(`The call "${method}" of the page was refused by its schema.`, input?.error);
        throw new ChatError('invalid', 'The panel sent a message that could not be understood. Reload the window.');
      }
      const value = await handler(input.data as z.infer<C[string]['in']>);
      this.#port.post({ kind: 'value', id, value: call.out.parse(value) });
    } catch (error) {
      const shown = ChatError.from(error);
      if (shown.code === 'internal') this.#report(`The call "${method}" failed.`, error);
      this.#port.post({ kind: 'error', id, error: shown.toShape() });
    }
  }
}

/** The page's end: makes calls and hears events. */
export class ViewRpc<C extends Calls, E extends Events> implements Disposable {
  readonly #port: Port;
  readonly #calls: C;
  readonly #subscription: Disposable;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: ChatError): void }>();
  #lastId = 0;

  constructor(
    port: Port,
    contract: { calls: C; events: E },
    listeners: { readonly [K in keyof E]: (value: z.infer<E[K]>) => void },
  ) {
    this.#port = port;
    this.#calls = contract.calls;
    this.#subscription = port.onMessage((message) => {
      const parsed = frame.safeParse(message);
      if (!parsed.success || parsed.data.kind === 'call') return;
      if (parsed.data.kind === 'event') {
        const { name, value } = parsed.data;
        const schema = Object.hasOwn(contract.events, name) ? contract.events[name] : undefined;
        const event = schema?.safeParse(value);
        if (event?.success) listeners[name]?.(event.data as z.infer<E[string]>);
        return;
      }
      const waiting = this.#waiting.get(parsed.data.id);
      this.#waiting.delete(parsed.data.id);
      if (parsed.data.kind === 'value') waiting?.resolve(parsed.data.value);
      else waiting?.reject(ChatError.fromShape(parsed.data.error));
    });
  }

  /** @throws ChatError as the host says it, or `invalid` when the arguments break the contract. */
  async call<K extends keyof C & string>(method: K, args: z.infer<C[K]['in']>): Promise<z.infer<C[K]['out']>> {
    const call: Calls[string] | undefined = this.#calls[method];
    const input = call?.in.safeParse(args);
    if (!call || !input?.success) throw new ChatError('invalid', 'That is too long or of the wrong form to be sent.');
    const id = ++this.#lastId;
    const value = await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.post({ kind: 'call', id, method, args: input.data });
    });
    return call.out.parse(value) as z.infer<C[K]['out']>;
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
