import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setup, suite, teardown, test } from 'mocha';
import type { Frame } from '../../support/rocketRideServer/frame.ts';
import { RawClient } from '../../support/rocketRideServer/rawClient.ts';
import { RocketRideServer } from '../../support/rocketRideServer/rocketRideServer.ts';

const CHILD = fileURLToPath(new URL('../../support/rocketRideServer/serverProcess.ts', import.meta.url));

let server: RocketRideServer;
let writer: RawClient;
let reader: RawClient;

const is = (subcommand: string) => (frame: Frame) => frame.subcommand === subcommand;

/** Waits until the server has cleaned up after the writer. */
async function writerIsGone(): Promise<void> {
  const [connection] = server.connections;
  await Promise.all([writer.closed, connection?.gone]);
}

suite('the wire of the server for tests', () => {
  setup(async () => {
    server = await RocketRideServer.start();
    writer = await RawClient.logIn(server.url, server.key);
    reader = await RawClient.logIn(server.url, server.key);
    await writer.write('a.txt', 'old text');
  });

  teardown(() => server.stop());

  for (const [when, from, isDone, isHeard] of [
    ['before', 'client', false, false],
    ['after', 'client', true, false],
    ['before', 'server', true, false],
    ['after', 'server', true, true],
  ] as const) {
    test(`a socket dropped ${when} a frame of the ${from}`, async () => {
      let heard = false;
      server.traps.drop = { when, from, nth: 2, matches: is('fs_mkdir') };
      const gone = writerIsGone();
      await writer.store('fs_mkdir', { path: 'first' });
      void writer.request('rrext_store', { subcommand: 'fs_mkdir', path: 'second' }).then(() => {
        heard = true;
      });
      await gone;
      assert.equal(server.traps.drop, undefined);
      assert.equal(await writer.closed, 1006);
      // What was begun when the socket was cut may go on for a moment.
      let { exists } = await reader.store('fs_stat', { path: 'second' });
      while (isDone && !exists) ({ exists } = await reader.store('fs_stat', { path: 'second' }));
      assert.deepEqual([exists, heard], [isDone, isHeard]);
    });
  }

  test('requests are refused, ignored, left unanswered, or answered with something else', async () => {
    const { traps } = server;
    const makes = (path: string) => (frame: Frame) => is('fs_mkdir')(frame) && frame.args.path === path;
    traps.refuse = (request) => (makes('a')(request) ? '' : undefined);
    traps.ignores = makes('b');
    traps.withholdsReply = makes('c');
    traps.replacesFrame = (frame) => (makes('d')(frame) ? '{"type":"event","event":"what"}' : undefined);
    await assert.rejects(writer.store('fs_mkdir', { path: 'a' }), { message: '' });
    let answered = 0;
    for (const path of ['b', 'c', 'd']) {
      void writer.request('rrext_store', { subcommand: 'fs_mkdir', path }).then(() => {
        answered += 1;
      });
    }
    assert.equal((await writer.next()).message.event, 'what');
    const made = ['a', 'b', 'c', 'd'].map((path) => reader.store('fs_stat', { path }));
    assert.deepEqual(
      (await Promise.all(made)).map(({ exists }) => exists),
      [false, false, true, true],
    );
    await writer.body('rrext_ping');
    assert.equal(answered, 0);
  });

  test('a login is refused, and a full server closes with 1008', async () => {
    const refused = await RawClient.open(server.url);
    server.traps.refuse = ({ command }) => (command === 'auth' ? 'Authentication failed' : undefined);
    await assert.rejects(refused.body('auth', { auth: server.key }), { message: 'Authentication failed' });
    assert.equal(await refused.closed, 1000);
    server.traps.isFull = true;
    assert.equal(await (await RawClient.open(server.url)).closed, 1008);
  });

  test('the sixth login of a connection is one too many', async () => {
    for (let count = 2; count <= 5; count += 1) await writer.body('auth', { auth: server.key });
    await assert.rejects(writer.body('auth', { auth: server.key }), { message: 'Too many authentication attempts' });
    assert.equal(await writer.closed, 1000);
  });

  test('requests wait for the latency side by side, and are written down', async () => {
    server.traps.latencyMs = 50;
    const before = server.requests.length;
    await Promise.all([writer.body('rrext_ping'), writer.body('rrext_ping'), reader.read('a.txt')]);
    const made = server.requests.slice(before);
    assert.deepEqual(
      made.map(({ command, subcommand }) => subcommand || command),
      ['rrext_ping', 'rrext_ping', 'fs_open', 'fs_read', 'fs_close'],
    );
    const [first, second, , read] = made;
    assert.ok(first?.endedMs && second && second.startedMs < first.endedMs && first.endedMs - first.startedMs >= 49);
    assert.ok(read && read.bytesUp > 80 && read.bytesDown > 'old text'.length && read.connection !== first.connection);
  });

  test('a client that answers no ping is dropped', async () => {
    const impatient = await RocketRideServer.start({ pingMs: 10 });
    try {
      const [silent, lively] = [await RawClient.open(impatient.url), await RawClient.open(impatient.url)];
      silent.pause();
      await impatient.connections[0]?.gone;
      assert.equal(impatient.connections.length, 1);
      await lively.close();
    } finally {
      await impatient.stop();
    }
  });

  test('a process of its own says where it is, and has pages for a browser', async () => {
    const child = spawn(process.execPath, [CHILD, '--key', 'secret'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const { url, key } = JSON.parse(String(line));
      assert.equal(key, 'secret');
      assert.deepEqual(await (await fetch(`${url}/version`)).json(), { status: 'OK', data: { version: '3.1.0' } });
      assert.equal((await fetch(`${url}/chat`)).status, 200);
      assert.equal((await fetch(`${url}/other`)).status, 404);
      await (await RawClient.logIn(url, key)).close();
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
