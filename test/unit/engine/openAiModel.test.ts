import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, suite, test } from 'mocha';
import { openAiModel } from '../../../src/engine/openAiModel.ts';
import type { ModelDelta, ModelRequest } from '../../../src/engine/streamModel.ts';
import type { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { startDemoModel } from '../../support/demoModel.ts';

const key = 'sk-very-secret-key';

function request(url: string, text: string, apiKey: string | undefined = key): ModelRequest {
  return {
    nodeId: 'llm_1',
    model: 'demo',
    url: new URL(url),
    shownUrl: url,
    urlField: 'base_url',
    apiKey,
    hidden: apiKey === undefined ? [] : [apiKey],
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: text },
    ],
  };
}

function chunk(delta: object, reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
}

suite('openAiModel', function () {
  // A request that may be tried again is, after two seconds.
  this.timeout(15_000);
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const demoUrl = async () => {
    const demo = await startDemoModel({ delayMs: 0 });
    closing.push(demo.close);
    return demo.url;
  };
  /** A server that answers every request by hand. */
  const serve = async (respond: (response: ServerResponse) => void, path = '/v1') => {
    const server = createServer((_, response) => respond(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    });
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}${path}`;
  };
  const streaming = (text: string, end: (response: ServerResponse) => void) =>
    serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text, () => end(response));
    });
  const failure = async (ask: ModelRequest, deltas: ModelDelta[] = []): Promise<ChatError> => {
    const signal = new AbortController().signal;
    const error = await chatErrorOf(() => openAiModel(ask, { onDelta: (delta) => deltas.push(delta), signal }));
    assert.doesNotMatch(`${error.message} ${error.stack} ${error.cause}`, /sk-very|very-secret/);
    return error;
  };

  test('a whole answer comes with the reason of its end', async () => {
    const url = await demoUrl();
    const signal = new AbortController().signal;
    const answer = await openAiModel(request(url, 'table'), { onDelta: () => {}, signal });
    assert.equal(answer.finishReason, 'stop');
    assert.match(answer.text, /Jupiter/);
  });

  test('each piece is reported as it arrives', async () => {
    const open: ServerResponse[] = [];
    const url = await streaming(chunk({ content: 'half' }), (response) => open.push(response));
    // The server goes on only when the first piece was seen.
    const onDelta = () => void open.pop()?.end(chunk({ content: ' done' }, 'stop'));
    const answer = await openAiModel(request(url, 'Hi'), { onDelta, signal: new AbortController().signal });
    assert.equal(answer.text, 'half done');
  });

  test('nothing is printed, whatever happens', async () => {
    const printed: unknown[] = [];
    const { log, info, warn, error } = console;
    const record = (...values: unknown[]) => printed.push(values);
    Object.assign(console, { log: record, info: record, warn: record, error: record });
    try {
      await failure(request(await demoUrl(), 'unauthorized'));
      await failure(request(await demoUrl(), 'break'));
    } finally {
      Object.assign(console, { log, info, warn, error });
    }
    assert.deepEqual(printed, []);
  });

  test('nobody at the address is unreachable, naming address and field', async () => {
    const demo = await startDemoModel();
    await demo.close();
    const error = await failure(request(demo.url, 'Hi'));
    assert.equal(error.code, 'unreachable');
    assert.ok(error.message.includes(`Nothing answers at ${demo.url}`), error.message);
    assert.match(error.message, /"base_url" in node "llm_1"/);
  });

  test('an unknown host is unreachable', async () => {
    assert.equal((await failure(request('http://nowhere.invalid/v1', 'Hi'))).code, 'unreachable');
  });

  test('a connection that closes before any answer is unreachable', async () => {
    assert.equal((await failure(request(await serve((response) => response.destroy()), 'Hi'))).code, 'unreachable');
  });

  test('a refused key is unauthorized, and a missing one says how to add it', async () => {
    const url = await demoUrl();
    const refused = await failure(request(url, 'unauthorized'));
    assert.equal(refused.code, 'unauthorized');
    assert.match(refused.message, /HTTP 401.*Set Model Key/);
    const missing = await failure({ ...request(url, 'unauthorized'), apiKey: undefined });
    assert.match(missing.message, /"apikey" of node "llm_1"/);
  });

  test('a busy server is rate-limited', async () => {
    const error = await failure(request(await demoUrl(), 'limit'));
    assert.equal(error.code, 'rate-limited');
    assert.match(error.message, /"demo".*HTTP 429.*slow down/);
  });

  test("a server's error comes with its status and its own words", async () => {
    const error = await failure(request(await demoUrl(), 'error'));
    assert.equal(error.code, 'model-error');
    assert.match(error.message, /HTTP 500: The demo model was asked to fail\./);
  });

  test('a message that repeats the key is not passed on', async () => {
    const url = await serve((response) => response.writeHead(400).end(`{"error":{"message":"bad ${key}"}}`));
    const error = await failure(request(url, 'Hi'));
    assert.match(error.message, /HTTP 400\.$/);
  });

  test('a socket that is dropped in the middle is a broken stream; what had arrived was reported', async () => {
    const deltas: ModelDelta[] = [];
    const error = await failure(request(await demoUrl(), 'break'), deltas);
    assert.equal(error.code, 'broken-stream');
    assert.match(deltas.map((delta) => delta.text).join(''), /^This answer/);
  });

  test('a socket that is reset in the middle is a broken stream', async () => {
    const url = await streaming(chunk({ content: 'half' }), (response) => response.socket?.resetAndDestroy());
    assert.equal((await failure(request(url, 'Hi'))).code, 'broken-stream');
  });

  test('a chunked body without its last chunk is a broken stream', async () => {
    const url = await streaming(chunk({ content: 'half' }), (response) => response.socket?.end());
    assert.equal((await failure(request(url, 'Hi'))).code, 'broken-stream');
  });

  test('a body that ends cleanly without a finish reason is a broken stream', async () => {
    for (const rest of ['', 'data: {"choices":[{"index":0,"delta":{"con']) {
      const url = await streaming(chunk({ content: 'half' }) + rest, (response) => response.end());
      assert.equal((await failure(request(url, 'Hi'))).code, 'broken-stream');
    }
  });

  test('a chunk that is no JSON is a broken stream', async () => {
    const url = await streaming(`${chunk({ content: 'half' })}data: {oops\n\n`, (response) => response.end());
    assert.equal((await failure(request(url, 'Hi'))).code, 'broken-stream');
  });

  test('an error inside the stream is told in the words of the server', async () => {
    const url = await streaming('data: {"error":{"message":"Out of memory"}}\n\n', (response) => response.end());
    const error = await failure(request(url, 'Hi'));
    assert.equal(error.code, 'model-error');
    assert.match(error.message, /Out of memory/);
  });

  test('an answer without text is no answer', async () => {
    const url = await streaming(`${chunk({}, 'length')}data: [DONE]\n\n`, (response) => response.end());
    const error = await failure(request(url, 'Hi'));
    assert.equal(error.code, 'no-answer');
    assert.match(error.message, /tokens/);
  });

  test('a web page instead of a stream points at the address', async () => {
    const url = await serve((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const error = await failure(request(url, 'Hi'));
    assert.equal(error.code, 'model-error');
    assert.match(error.message, /text\/html.*"base_url"/);
  });

  test('a redirect is not followed, so that no conversation goes to another server', async () => {
    let isFollowed = false;
    const other = await serve((response) => {
      isFollowed = true;
      response.end();
    });
    const url = await serve((response) => response.writeHead(307, { location: other }).end());
    const error = await failure(request(url, 'Hi'));
    assert.equal(error.code, 'model-error');
    assert.match(error.message, /redirects/);
    assert.equal(isFollowed, false);
  });

  test('a query in the address goes with every request', async () => {
    const asked: string[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url ?? '');
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => void server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    await failure(request(`http://127.0.0.1:${address.port}/v1/?api-version=2`, 'Hi'));
    assert.deepEqual(asked, ['/v1/chat/completions?api-version=2']);
  });

  test('stopping while the server is silent ends the wait', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    const { signal } = stop;
    assert.equal(
      (await chatErrorOf(() => openAiModel(request(url, 'Hi'), { onDelta: () => {}, signal }))).code,
      'stopped',
    );
  });
});
