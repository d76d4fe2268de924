import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { type Script, scriptFor } from './demoScript.ts';

const requestBody = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })),
  stream: z.optional(z.boolean()),
  stream_options: z.optional(z.looseObject({ include_usage: z.optional(z.boolean()) })),
});
type RequestBody = z.infer<typeof requestBody>;

/** One chat completion that was asked for. */
export interface DemoRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: RequestBody;
  /** Resolves when the answer is over: true when it was cut short, by the client or by the script. */
  readonly cutShort: Promise<boolean>;
}

export interface DemoModel {
  /** Where its API begins: `http://127.0.0.1:<port>/v1`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly DemoRequest[];
  close(): Promise<void>;
}

/** Starts a scripted stand-in for an OpenAI-compatible server; a taken port gives way to a free one. */
export async function startDemoModel(options: { port?: number; delayMs?: number } = {}): Promise<DemoModel> {
  const requests: DemoRequest[] = [];
  const server = createServer((request, response) => {
    serve(request, response, { requests, delayMs: options.delayMs }).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const port = await listen(server, options.port ?? 0);
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}/v1`, port, requests, close };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (port === 0) throw error;
    return listen(server, 0);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

interface Recording {
  readonly requests: DemoRequest[];
  readonly delayMs: number | undefined;
}

async function serve(request: IncomingMessage, response: ServerResponse, recording: Recording): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://demo').pathname;
  if (request.method === 'GET' && path === '/v1/models') {
    return json(response, 200, {
      object: 'list',
      data: [{ id: 'demo', object: 'model', created: 0, owned_by: 'demo' }],
    });
  }
  if (request.method !== 'POST' || path !== '/v1/chat/completions') {
    return json(response, 404, { error: { message: `There is nothing at ${path}.`, type: 'not_found', code: null } });
  }
  const cutShort = new Promise<boolean>((resolve) => {
    response.on('close', () => resolve(!response.writableFinished));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const parsed = requestBody.safeParse(jsonOrUndefined(Buffer.concat(chunks).toString()));
  if (!parsed.success) {
    return json(response, 400, {
      error: { message: 'The request is no chat completion.', type: 'invalid_request_error' },
    });
  }
  recording.requests.push({ headers: request.headers, body: parsed.data, cutShort });
  const script = scriptFor(parsed.data.messages);
  if (script.status !== 200) {
    return json(response, script.status, { error: { message: script.text, type: 'demo_error', code: null } });
  }
  const delayMs = recording.delayMs ?? script.delayMs;
  if (parsed.data.stream) await stream(response, parsed.data, { ...script, delayMs });
  else json(response, 200, completion(parsed.data, script));
}

/** The wire format of OpenAI's streaming: a role, deltas, a finish reason, perhaps the usage, then [DONE]. */
async function stream(response: ServerResponse, body: RequestBody, script: Script): Promise<void> {
  const head = { id: 'chatcmpl-demo', object: 'chat.completion.chunk', created: epochSeconds(), model: body.model };
  const send = (rest: object) => response.write(`data: ${JSON.stringify({ ...head, ...rest })}\n\n`);
  const delta = (value: object, reason: string | null = null) =>
    send({ choices: [{ index: 0, delta: value, logprobs: null, finish_reason: reason }] });
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  delta({ role: 'assistant', content: '' });
  for (const piece of script.reasoning) {
    delta({ reasoning_content: piece });
    await pause(response, script.delayMs);
  }
  for (const [index, piece] of script.pieces.entries()) {
    if (response.closed) return;
    if (index === script.breakAfter) return void response.destroy();
    delta({ content: piece });
    await pause(response, script.delayMs);
  }
  if (response.closed) return;
  delta({}, 'stop');
  if (body.stream_options?.include_usage) send({ choices: [], usage: usage(body, script) });
  response.end('data: [DONE]\n\n');
}

/** Waits, but not for a client that has gone. */
async function pause(response: ServerResponse, delayMs: number): Promise<void> {
  if (response.closed) return;
  const gone = new AbortController();
  const onClose = () => gone.abort();
  response.once('close', onClose);
  try {
    await setTimeout(delayMs, undefined, { signal: gone.signal });
  } catch {
    // The client has gone; the caller looks at the response.
  } finally {
    response.off('close', onClose);
  }
}

function completion(body: RequestBody, script: Script): object {
  const message = { role: 'assistant', content: script.text };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  const head = { id: 'chatcmpl-demo', object: 'chat.completion', created: epochSeconds(), model: body.model };
  return { ...head, choices, usage: usage(body, script) };
}

/** Counts words, which is near enough to tokens for a demo. */
function usage(body: RequestBody, script: Script): object {
  const prompt = body.messages.flatMap((message) => message.content.split(/\s+/)).length;
  const answer = script.pieces.length;
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Answered with 400, as what is no completion.
    return undefined;
  }
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '11577' } } });
  const demo = await startDemoModel({ port: Number(values.port) });
  console.log(demo.url);
}
