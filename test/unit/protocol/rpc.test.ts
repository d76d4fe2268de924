import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as z from 'zod/mini';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { HostRpc, type Port, ViewRpc } from '../../../src/protocol/rpc.ts';

const calls = {
  double: { in: z.object({ n: z.number() }), out: z.number() },
  fail: { in: z.object({ how: z.enum(['chat', 'other']) }), out: z.void() },
} as const;
const events = { tick: z.object({ n: z.number() }) } as const;

/** Two ports whose messages cross by JSON, as a webview's do. */
function pair(): { host: Port; page: Port; fromPage(message: unknown): void; fromHost(message: unknown): void } {
  const toHost = new Set<(message: unknown) => void>();
  const toPage = new Set<(message: unknown) => void>();
  const send = (listeners: Set<(message: unknown) => void>) => (message: unknown) => {
    const copy = JSON.parse(JSON.stringify(message));
    queueMicrotask(() => listeners.forEach((listener) => void listener(copy)));
  };
  const port = (mine: typeof toHost, theirs: typeof toHost): Port => ({
    post: send(theirs),
    onMessage: (listener) => {
      mine.add(listener);
      return { dispose: () => mine.delete(listener) };
    },
  });
  return { host: port(toHost, toPage), page: port(toPage, toHost), fromPage: send(toHost), fromHost: send(toPage) };
}

function connect() {
  const ports = pair();
  const reports: string[] = [];
  const ticks: number[] = [];
  const host = new HostRpc(
    ports.host,
    { calls, events },
    {
      double: async ({ n }) => n * 2,
      fail: async ({ how }) => {
        throw how === 'chat' ? new ChatError('contended', 'Busy. Try again.') : new Error('secret stack');
      },
    },
    (problem) => reports.push(problem),
  );
  const page = new ViewRpc(ports.page, { calls, events }, { tick: ({ n }) => ticks.push(n) });
  return { ...ports, host, page, reports, ticks };
}

suite('rpc between host and page', () => {
  test('a call is answered with its value', async () => {
    assert.equal(await connect().page.call('double', { n: 21 }), 42);
  });

  test('a ChatError crosses with code and sentence', async () => {
    await assert.rejects(connect().page.call('fail', { how: 'chat' }), {
      code: 'contended',
      message: 'Busy. Try again.',
    });
  });

  test('any other error crosses as internal, without its message', async () => {
    const { page, reports } = connect();
    await assert.rejects(page.call('fail', { how: 'other' }), (error: Error) => {
      assert.doesNotMatch(JSON.stringify(error) + error.message, /secret/);
      return true;
    });
    assert.equal(reports.length, 1);
  });

  test('a call that the schema refuses reaches no handler and is reported', async () => {
    const { fromPage, page, reports } = connect();
    const strange = [null, 7, {}, { kind: 'call' }, { kind: 'call', id: 99, method: 'double', args: { n: 'x' } }];
    for (const message of [...strange, { kind: 'call', id: 99, method: 'constructor', args: {} }]) fromPage(message);
    await page.call('double', { n: 1 });
    assert.equal(reports.length, strange.length + 1);
  });

  test('events arrive in order, and those that the schema refuses do not', async () => {
    const { host, page, ticks, fromHost } = connect();
    host.fire('tick', { n: 1 });
    fromHost({ kind: 'event', name: 'tick', value: { n: 'two' } });
    fromHost({ kind: 'event', name: 'toString', value: {} });
    host.fire('tick', { n: 3 });
    await page.call('double', { n: 1 });
    assert.deepEqual(ticks, [1, 3]);
  });
});
