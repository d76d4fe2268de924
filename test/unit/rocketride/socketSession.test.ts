import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import { MAX_MESSAGE_BYTES, openSocket } from '../../../src/rocketride/openSocket.ts';
import { ServerFailure } from '../../../src/rocketride/serverFailure.ts';
import type { ServerEvent } from '../../../src/rocketride/serverMessage.ts';
import { serverUrl } from '../../../src/rocketride/serverUrl.ts';
import { type SessionTimes, SocketSession } from '../../../src/rocketride/socketSession.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { type ScriptedOptions, ScriptedSocketServer } from '../../support/scriptedSocketServer.ts';

const times: SessionTimes = {
  connectMs: 5000,
  requestMs: 5000,
  deauthMs: 5000,
  pingEveryMs: 60_000,
  deadAfterMs: 60_000,
};
let server: ScriptedSocketServer | undefined;
let log: string[] = [];

afterEach(async () => {
  await server?.stop();
  server = undefined;
  log = [];
});

async function open(options: ScriptedOptions & Partial<SessionTimes> = {}, key = 'good key') {
  server = await ScriptedSocketServer.start(options);
  const session = await SocketSession.open(
    key,
    {
      url: serverUrl(server.url),
      openSocket,
      clientVersion: '1.2.3',
      log: (message, cause) => log.push(`${message} ${cause}`),
      times: { ...times, ...options },
    },
    new AbortController().signal,
  );
  return { server, session };
}

const closed = (session: SocketSession) => new Promise<void>((resolve) => session.onDidClose(resolve));

suite('socket session', () => {
  test('logs in with the name and version of the client, and nothing else of this machine', async () => {
    const { server, session } = await open();
    assert.deepEqual(
      server.requests.map(({ args }) => args),
      [{ auth: 'good key', clientName: 'Pipeline Chat', clientVersion: '1.2.3' }],
    );
    assert.equal(session.account.userToken, 'token of good key');
  });

  test('answers find their requests in whatever order they come', async () => {
    const { server, session } = await open({ onRequest: () => {} });
    const replies = ['a', 'b', 'c'].map((command) => session.request(command, {}));
    await server.request(({ command }) => command === 'c');
    for (const request of server.requests.slice(1).reverse()) request.answer({ of: request.command });
    assert.deepEqual(
      (await Promise.all(replies)).map(({ body }) => body),
      [{ of: 'a' }, { of: 'b' }, { of: 'c' }],
    );
  });

  test('data goes as a binary frame and comes back as one', async () => {
    const { server, session } = await open({ onRequest: (request) => request.send({ body: {} }, request.data) });
    for (const data of [Buffer.from('a\nb\n'), Buffer.alloc(0), Buffer.alloc(3_000_000, 10)]) {
      const reply = await session.request('rrext_store', { subcommand: 'fs_write' }, { data });
      assert.ok(data.equals(reply.data ?? Buffer.from('none')));
    }
    assert.deepEqual(server.requests[1]?.args, { subcommand: 'fs_write' });
  });

  test('an answer that does not say whether it succeeded counts as one', async () => {
    const { session } = await open({ onRequest: (request) => request.send({ success: undefined, body: { a: 1 } }) });
    assert.deepEqual(await session.request('x', {}), { body: { a: 1 }, data: undefined });
  });

  test('an answer without a body has an empty one', async () => {
    const { session } = await open({ onRequest: (request) => request.send({ success: true, body: null }) });
    assert.deepEqual(await session.request('x', {}), { body: {}, data: undefined });
  });

  test('a refusal without a text is one with the reason "empty"', async () => {
    const { session } = await open({ onRequest: (request) => request.send({ success: false, message: null }) });
    const error = await chatErrorOf(() => session.request('x', {}));
    assert.ok(error instanceof ServerFailure);
    assert.equal(error.reason, 'empty');
  });

  test('what the server says without a meaning is in the log', async () => {
    const { session } = await open({ onRequest: (request) => request.fail('Strange /srv/path') });
    const error = await chatErrorOf(() => session.request('execute', {}));
    assert.doesNotMatch(error.message, /srv/);
    assert.deepEqual(log, ['The server refused execute: Strange /srv/path undefined']);
  });

  test('an answer that can not be read fails its request, not another one', async () => {
    const { session } = await open({
      onRequest: (request) => (request.command === 'bad' ? request.send({ body: [1] }) : request.answer()),
    });
    const bad = chatErrorOf(() => session.request('bad', {}));
    await session.request('good', {});
    assert.equal((await bad).code, 'server-error');
  });

  test('frames that are nothing are logged without their words, and survived', async () => {
    const { session } = await open({
      onRequest: ({ socket, answer }) => {
        for (const frame of [
          'secret',
          '[1]',
          '{}',
          '',
          '{"type":"event"}',
          Buffer.from('\n\n'),
          '{"type":"response"}',
        ]) {
          socket.send(frame);
        }
        answer({ fine: true });
      },
    });
    assert.deepEqual((await session.request('x', {})).body, { fine: true });
    assert.equal(log.length, 7);
    assert.doesNotMatch(log.join(), /secret/);
  });

  test('a flood of what can not be understood does not fill the log', async () => {
    const { session } = await open({
      onRequest: ({ socket, answer }) => {
        for (let at = 0; at < 5000; at += 1) {
          socket.send('no JSON');
          socket.send('{"type":"event","event":"apaext_account","body":{"userToken":7}}');
          socket.send('{"type":"event","event":"unheard-of","body":{}}');
        }
        answer({ fine: true });
      },
    });
    assert.deepEqual((await session.request('x', {})).body, { fine: true });
    assert.ok(log.length <= 21, `${log.length} lines`);
    assert.match(log.at(-1) ?? '', /Nothing is logged any more/);
  });

  test('an answer that comes twice counts once', async () => {
    const { session } = await open({
      onRequest: ({ command, send }) => {
        send({ body: { of: command } });
        send({ body: { of: 'the second' } });
        send({ success: false, message: 'no' });
      },
    });
    for (const command of ['a', 'b', 'c']) assert.deepEqual((await session.request(command, {})).body, { of: command });
    assert.deepEqual(log, []);
  });

  test('an answer to nobody is dropped', async () => {
    const { session } = await open({
      onRequest: ({ answer, send }) => {
        send({ request_seq: 999, success: true });
        send({ request_seq: 998, success: false, message: 'x' });
        answer({ fine: true });
      },
    });
    assert.deepEqual((await session.request('x', {})).body, { fine: true });
    assert.deepEqual(log, []);
  });

  test('a request that is not answered ends at its deadline, and the answer that comes late is dropped', async () => {
    const { server, session } = await open({ onRequest: (request) => request.command === 'fast' && request.answer() });
    const error = await chatErrorOf(() => session.request('slow', {}, { timeoutMs: 10 }));
    assert.equal(error.code, 'server-offline');
    const slow = await server.request(({ command }) => command === 'slow');
    slow.answer({ late: true });
    assert.deepEqual((await session.request('fast', {})).body, {});
    assert.equal(session.isOpen, true);
  });

  test('a request without a deadline of its own has the one of the session', async () => {
    const { session } = await open({ requestMs: 10, onRequest: () => {} });
    assert.equal((await chatErrorOf(() => session.request('slow', {}))).code, 'server-offline');
  });

  test('a request may wait for ever', async () => {
    const { server, session } = await open({ requestMs: 1, onRequest: () => {} });
    const reply = session.request('slow', {}, { timeoutMs: Number.POSITIVE_INFINITY });
    await chatErrorOf(() => session.request('other', {}));
    (await server.request(({ command }) => command === 'slow')).answer({ at: 'last' });
    assert.deepEqual((await reply).body, { at: 'last' });
  });

  test('a request is stopped by its signal, before and after it was sent', async () => {
    const { server, session } = await open({ onRequest: () => {} });
    const stop = new AbortController();
    const error = chatErrorOf(() => session.request('x', {}, { signal: stop.signal }));
    await server.request(({ command }) => command === 'x');
    stop.abort();
    assert.equal((await error).code, 'stopped');
    const next = await chatErrorOf(() => session.request('y', {}, { signal: stop.signal }));
    assert.equal(next.code, 'stopped');
    assert.deepEqual(
      server.requests.map(({ command }) => command),
      ['auth', 'x'],
    );
  });

  test('all that is under way ends at once when the socket is cut', async () => {
    const { server, session } = await open({ onRequest: () => {} });
    const errors = ['a', 'b'].map((command) =>
      chatErrorOf(() => session.request(command, {}, { timeoutMs: Number.POSITIVE_INFINITY })),
    );
    await server.request(({ command }) => command === 'b');
    server.drop();
    assert.deepEqual(
      (await Promise.all(errors)).map(({ code }) => code),
      ['server-offline', 'server-offline'],
    );
    assert.equal(session.isOpen, false);
    assert.equal((await chatErrorOf(() => session.request('c', {}))).code, 'server-offline');
    await closed(session); // told at once to one who asks late
  });

  test('a message that is too large for the server is refused before it is sent', async () => {
    const { server, session } = await open();
    const data = new Uint8Array(MAX_MESSAGE_BYTES);
    const error = await chatErrorOf(() => session.request('rrext_store', { subcommand: 'fs_write' }, { data }));
    assert.equal(error.code, 'invalid');
    assert.deepEqual((await session.request('x', {})).body, {});
    assert.deepEqual(
      server.requests.map(({ command }) => command),
      ['auth', 'x'],
    );
  });

  test('a server that answers no pings any more is given up', async () => {
    const { session } = await open({ answersPings: false, pingEveryMs: 5, deadAfterMs: 30, onRequest: () => {} });
    const error = await chatErrorOf(() => session.request('x', {}, { timeoutMs: Number.POSITIVE_INFINITY }));
    assert.equal(error.code, 'server-offline');
  });

  test('a server that answers pings is not given up', async () => {
    const { server, session } = await open({ pingEveryMs: 5, deadAfterMs: 200, onRequest: () => {} });
    const reply = session.request('x', {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const request = await server.request(({ command }) => command === 'x');
    let pings = 0;
    await new Promise<void>((resolve) => request.socket.on('ping', () => ++pings === 60 && resolve()));
    request.answer({ alive: true });
    assert.deepEqual((await reply).body, { alive: true });
  });

  test('a process that was held up does not take its server for dead', async () => {
    const { session } = await open({ pingEveryMs: 100, deadAfterMs: 120 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    assert.deepEqual((await session.request('x', {})).body, {});
    assert.deepEqual(log, []);
  });

  test('what comes after an answer is delivered after it was read', async () => {
    const { session } = await open({
      onRequest: ({ answer, socket }) => {
        answer();
        socket.send(JSON.stringify({ type: 'event', event: 'apaevt_sse', body: { n: 1 } }));
      },
    });
    await session.request('rrext_process', {});
    const event = await new Promise<ServerEvent>((resolve) => session.onDidReceive(resolve));
    assert.deepEqual(event, { event: 'apaevt_sse', body: { n: 1 } });
  });

  test('an account that is pushed replaces the one of the login', async () => {
    const { server, session } = await open();
    const pushed = new Promise((resolve) => session.onDidReceive(resolve));
    server.push('apaext_account', { userToken: 'new', userId: 'u', __id: '' });
    await pushed;
    assert.equal(session.account.userToken, 'new');
  });
});

const write = { subcommand: 'fs_open', path: '.chats/a', mode: 'w' };

suite('the end of a session', () => {
  const commands = ({ requests }: ScriptedSocketServer) => requests.map(({ command }) => command);
  const onRequest: ScriptedOptions['onRequest'] = (request) => {
    if (request.args.path === 'taken') request.fail('File already open for writing: taken');
    else if (request.args.path === 'lost') return;
    else request.answer(request.args.subcommand === 'fs_open' ? { handle: `handle of ${request.args.path}` } : {});
  };

  test('logs out when nothing is open', async () => {
    const { server, session } = await open({ onRequest });
    await session.end();
    assert.deepEqual(commands(server), ['auth', 'deauth']);
    assert.equal(session.isOpen, false);
  });

  test('just closes while a file is open for writing', async () => {
    const { server, session } = await open({ onRequest });
    await session.request('rrext_store', write);
    const gone = closedBy(server);
    await session.end();
    await gone;
    assert.deepEqual(commands(server), ['auth', 'rrext_store']);
  });

  test('just closes while it is not known whether a file was opened', async () => {
    const { server, session } = await open({ onRequest });
    await chatErrorOf(() => session.request('rrext_store', { ...write, path: 'lost' }, { timeoutMs: 5 }));
    await session.end();
    assert.deepEqual(commands(server), ['auth', 'rrext_store']);
  });

  test('just closes while a close was not answered', async () => {
    const { server, session } = await open({ onRequest });
    const { body } = await session.request('rrext_store', write);
    const close = { subcommand: 'fs_close', handle: body.handle, path: 'lost', mode: 'w' };
    await chatErrorOf(() => session.request('rrext_store', close, { timeoutMs: 5 }));
    await session.end();
    assert.deepEqual(commands(server), ['auth', 'rrext_store', 'rrext_store']);
  });

  test('logs out when what was opened is closed, was refused, or is only read', async () => {
    const { server, session } = await open({ onRequest });
    const { body } = await session.request('rrext_store', write);
    await session.request('rrext_store', { subcommand: 'fs_close', handle: body.handle, mode: 'w' });
    await chatErrorOf(() => session.request('rrext_store', { ...write, path: 'taken' }));
    await session.request('rrext_store', { ...write, mode: 'r' });
    await session.end();
    assert.equal(commands(server).at(-1), 'deauth');
  });

  test('does not wait long for a server that does not answer', async () => {
    const { session } = await open({ onRequest: () => {}, deauthMs: 5 });
    await session.end();
    assert.equal(session.isOpen, false);
  });

  test('lets no request in any more', async () => {
    const { server, session } = await open({ onRequest });
    const ended = session.end();
    assert.equal((await chatErrorOf(() => session.request('rrext_store', write))).code, 'server-offline');
    await ended;
    assert.deepEqual(commands(server), ['auth', 'deauth']);
  });
});

/** Resolves when the first client has closed its socket. */
async function closedBy(server: ScriptedSocketServer): Promise<void> {
  const [request] = server.requests;
  await new Promise((resolve) => request?.socket.on('close', resolve));
}
