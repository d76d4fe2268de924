import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, suite, test } from 'mocha';
import type { ConnectionState } from '../../../src/protocol/connectionState.ts';
import { Connection, type ConnectionOptions } from '../../../src/rocketride/connection.ts';
import type { ServerEvent } from '../../../src/rocketride/serverMessage.ts';
import type { ServerSession } from '../../../src/rocketride/serverSession.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { freePort } from '../../support/freePort.ts';
import { type ScriptedOptions, ScriptedSocketServer, scriptedAccount } from '../../support/scriptedSocketServer.ts';

const times = { firstRetryMs: 2, longestRetryMs: 10, steadyMs: 0 };
const secrets = /good key|wrong key/;
let servers: ScriptedSocketServer[] = [];
let connections: Connection[] = [];
let log: string[] = [];

async function serve(options: ScriptedOptions = {}): Promise<ScriptedSocketServer> {
  const server = await ScriptedSocketServer.start(options);
  servers.push(server);
  return server;
}

function connectTo(url: string, options: Partial<ConnectionOptions> = {}): Connection {
  const connection = new Connection({
    url,
    credential: async () => 'good key',
    log: (message, cause) => log.push(`${message} ${cause} ${cause instanceof Error ? cause.stack : ''}`),
    random: () => 1,
    ...options,
    times: { ...times, ...options.times },
  });
  connections.push(connection);
  return connection;
}

/** Resolves with the next state of that kind, or the one of now. */
function state(connection: Connection, kind: ConnectionState['kind']): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = (state: ConnectionState) => {
      if (state.kind === kind) resolve(state);
    };
    connection.onDidChange(look);
    look(connection.state);
  });
}

const closed = (session: ServerSession) => new Promise<void>((resolve) => session.onDidClose(resolve));

async function lose(server: ScriptedSocketServer, session: ServerSession): Promise<void> {
  server.drop();
  await closed(session);
}

const monitors = ({ requests }: ScriptedSocketServer, socketNumber: number) =>
  requests.filter((request) => request.command === 'rrext_monitor' && request.socketNumber === socketNumber);

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.dispose()));
  await Promise.all(servers.map((server) => server.stop()));
  assert.doesNotMatch(log.join('\n'), secrets, 'a key is in the log');
  [servers, connections, log] = [[], [], []];
});

suite('connection', () => {
  test('asks nothing of a server until it is used', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    assert.deepEqual(connection.state, { kind: 'idle' });
    const session = await connection.session();
    assert.deepEqual(connection.state, { kind: 'ready', canStore: true, canRun: true });
    assert.equal(session.account.userId, 'local');
    assert.equal(server.logins.length, 1);
  });

  test('has the normalised URL, and refuses what is none', async () => {
    assert.equal(connectTo('localhost/x?auth=tk_1').url, 'http://localhost:5565');
    assert.equal((await chatErrorOf(() => connectTo('ftp://x'))).code, 'invalid');
  });

  test('a server that is not there is waited for', async () => {
    const port = await freePort();
    const connection = connectTo(`127.0.0.1:${port}`);
    connection.connect();
    const offline = await state(connection, 'offline');
    assert.ok(offline.kind === 'offline');
    assert.equal(offline.error.code, 'server-offline');
    assert.match(offline.error.message, /^The server can't be reached: http:\/\/127\.0\.0\.1:\d+\.$/);
    await serve({ port });
    assert.equal((await connection.session()).isOpen, true);
    assert.equal(connection.state.kind, 'ready');
  });

  test('that nobody is there is logged once, however often it is tried', async () => {
    const connection = connectTo(`127.0.0.1:${await freePort()}`);
    let tries = 0;
    await new Promise<void>((resolve) => {
      connection.onDidChange(({ kind }) => kind === 'offline' && ++tries === 5 && resolve());
      connection.connect();
    });
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /^No connection to http:.*ECONNREFUSED/);
  });

  test('a session that does not come in time is not waited for longer', async () => {
    const connection = connectTo(`127.0.0.1:${await freePort()}`);
    const error = await chatErrorOf(() => connection.session({ waitMs: 30 }));
    assert.equal(error.code, 'server-offline');
  });

  test('waiting for a session is stopped by a signal', async () => {
    const connection = connectTo(`127.0.0.1:${await freePort()}`);
    const stop = new AbortController();
    const error = chatErrorOf(() => connection.session({ signal: stop.signal }));
    await state(connection, 'offline');
    stop.abort();
    assert.equal((await error).code, 'stopped');
  });

  test('connecting again does not wait for the next try', async () => {
    const port = await freePort();
    const connection = connectTo(`127.0.0.1:${port}`, { times: { firstRetryMs: 1e8, longestRetryMs: 1e8 } });
    connection.connect();
    const offline = await state(connection, 'offline');
    assert.ok(offline.kind === 'offline' && offline.retryAt > Date.now() + 1e7);
    await serve({ port });
    connection.connect();
    assert.equal((await connection.session()).isOpen, true);
  });

  test('a server that closes after each login is left alone for longer each time', async () => {
    const server = await serve({ onConnect: (socket) => socket.on('message', () => socket.close(1001)) });
    const connection = connectTo(server.url, { times: { firstRetryMs: 4, longestRetryMs: 1000, steadyMs: 1e8 } });
    const waits: number[] = [];
    await new Promise<void>((resolve) => {
      connection.onDidChange((state) => {
        if (state.kind === 'offline' && waits.push(state.retryAt - Date.now()) === 5) resolve();
      });
      connection.connect();
    });
    assert.ok(Number(waits[4]) > 40, `${waits}`);
  });

  test('a redirect is not followed: nothing is sent anywhere else', async () => {
    const elsewhere = await serve();
    const redirect = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end(`HTTP/1.1 307 Temporary Redirect\r\nLocation: ${elsewhere.url}/task/service\r\n\r\n`),
      );
    });
    await new Promise<void>((resolve) => redirect.listen(0, '127.0.0.1', resolve));
    const address = redirect.address();
    assert.ok(address && typeof address === 'object');
    const connection = connectTo(`127.0.0.1:${address.port}`, { times: { firstRetryMs: 1e8, longestRetryMs: 1e8 } });
    connection.connect();
    const offline = await state(connection, 'offline');
    redirect.close();
    assert.ok(offline.kind === 'offline');
    assert.match(offline.error.message, /no RocketRide server/);
    assert.deepEqual(elsewhere.requests, []);
  });

  test('what is no RocketRide server is named so', async () => {
    const server = await serve();
    const connection = connectTo(server.url.replace('http:', 'https:'));
    connection.connect();
    const offline = await state(connection, 'offline');
    assert.ok(offline.kind === 'offline');
    assert.match(offline.error.message, /^The server does not speak https at this address: https:/);
  });
});

suite('logins', () => {
  test('a key that is refused is sent once, until somebody connects again', async () => {
    const server = await serve();
    let key = 'wrong key';
    const connection = connectTo(server.url, { credential: async () => key });
    const error = await chatErrorOf(() => connection.session());
    assert.equal(error.code, 'server-refused');
    assert.doesNotMatch(error.message, secrets);
    const refused = await state(connection, 'refused');
    assert.ok(refused.kind === 'refused');
    assert.equal(refused.error.message, error.message);
    assert.equal((await chatErrorOf(() => connection.session())).code, 'server-refused');
    assert.deepEqual(server.logins, ['wrong key']);

    key = 'good key';
    connection.connect();
    await connection.session();
    assert.deepEqual(server.logins, ['wrong key', 'good key']);
  });

  test('whatever a server says against a login, it is not tried again', async () => {
    for (const text of [
      '',
      'Too many authentication attempts',
      'Account of /srv/x locked',
      'Task has already completed',
    ]) {
      const server = await serve({ logsIn: false, onRequest: (request) => request.fail(text) });
      const connection = connectTo(server.url);
      const error = await chatErrorOf(() => connection.session());
      assert.equal(error.code, 'server-refused');
      assert.doesNotMatch(error.message, /srv/);
      assert.equal(server.logins.length, 1);
    }
  });

  test('a refusal that is malformed is one all the same', async () => {
    for (const fields of [{ message: 7 }, { message: 'no', body: 'no' }, { message: ['no'], body: [] }]) {
      const server = await serve({ logsIn: false, onRequest: ({ send }) => send({ success: false, ...fields }) });
      assert.equal((await chatErrorOf(() => connectTo(server.url).session())).code, 'server-refused');
      assert.equal(server.logins.length, 1);
    }
  });

  test('what a server says of a refused login is in the log, without the key', async () => {
    const server = await serve({ logsIn: false, onRequest: ({ fail }) => fail('No "good key" for tk_12ab at /srv') });
    await chatErrorOf(() => connectTo(server.url).session());
    assert.match(log.join('\n'), /The server refused auth: No "\(key\)" for tk_… at \/srv/);
  });

  test('without a key nothing is asked of the server', async () => {
    const server = await serve();
    const connection = connectTo(server.url, { credential: async () => undefined });
    const error = await chatErrorOf(() => connection.session());
    assert.equal(error.code, 'server-refused');
    assert.match(error.message, /^Set a key/);
    assert.deepEqual(server.requests, []);
  });

  test('later logins are made with the token that the server gave', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    await lose(server, await connection.session());
    await connection.session();
    assert.deepEqual(server.logins, ['good key', 'token of good key']);
  });

  test('a token that is refused gives way to the key, once', async () => {
    const keys = ['good key'];
    let isKeyGood = true;
    const server = await serve({
      logsIn: false,
      onRequest: ({ args, answer, fail, socket }) => {
        if (isKeyGood && args.auth === keys[0]) return answer(scriptedAccount('good key'));
        fail('Invalid API key');
        socket.close(1000);
      },
    });
    const connection = connectTo(server.url);
    await lose(server, await connection.session());
    const session = await connection.session();
    assert.deepEqual(server.logins, ['good key', 'token of good key', 'good key']);
    isKeyGood = false;
    await lose(server, session);
    assert.equal((await chatErrorOf(() => connection.session())).code, 'server-refused');
    assert.deepEqual(server.logins.slice(3), ['token of good key', 'good key']);
  });

  test('no socket is logged in on twice', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    for (let round = 0; round < 8; round++) await lose(server, await connection.session());
    await connection.session();
    const sockets = server.requests.filter(({ command }) => command === 'auth').map((login) => login.socketNumber);
    assert.equal(new Set(sockets).size, sockets.length);
  });

  test('a key that has changed is used when somebody connects again', async () => {
    const server = await serve({ keys: ['good key', 'good key 2'] });
    let key = 'good key';
    const connection = connectTo(server.url, { credential: async () => key });
    const session = await connection.session();
    connection.connect();
    key = 'good key 2';
    connection.connect();
    await closed(session);
    assert.equal((await connection.session()).account.userToken, 'token of good key 2');
    assert.deepEqual(server.logins, ['good key', 'good key 2']);
  });

  test('an account that is pushed changes the rights and the token', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    await connection.session();
    const changed = new Promise<ConnectionState>((resolve) => connection.onDidChange(resolve));
    server.push('apaext_account', { userToken: 'token of good key', userId: 'local', organizations: [] });
    assert.deepEqual(await changed, { kind: 'ready', canStore: false, canRun: false });
  });

  test('a server that is full is left alone for a while', async () => {
    const server = await serve({ onConnect: (socket) => socket.close(1008, 'Too many unauthenticated connections') });
    const connection = connectTo(server.url, { times: { crowdedRetryMs: 1e8 } });
    connection.connect();
    const offline = await state(connection, 'offline');
    assert.ok(offline.kind === 'offline' && offline.retryAt > Date.now() + 1e7);
    assert.match(offline.error.message, /too many are waiting/);
  });

  test('a login that is not understood is told as that', async () => {
    const server = await serve({ logsIn: false, onRequest: (request) => request.answer({}) });
    const connection = connectTo(server.url);
    connection.connect();
    const offline = await state(connection, 'offline');
    assert.ok(offline.kind === 'offline');
    assert.equal(offline.error.code, 'server-error');
  });
});

suite('subscriptions', () => {
  const key = { token: 'tk_1' };

  test('are made once for all who want the same, and ended with the last', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    const first = connection.subscribe(key, ['TASK']);
    await connection.session();
    const second = connection.subscribe(key, ['TASK']);
    const third = connection.subscribe({ projectId: 'p', source: '*' }, ['SUMMARY', 'SSE']);
    first.dispose();
    first.dispose();
    await server.request(({ args }) => args.projectId === 'p');
    second.dispose();
    third.dispose();
    await server.request(({ args }) => args.projectId === 'p' && String(args.types) === '');
    assert.deepEqual(
      monitors(server, 0).map(({ args }) => args),
      [
        { types: ['TASK'], token: 'tk_1' },
        { types: ['SSE', 'SUMMARY'], projectId: 'p', source: '*' },
        { types: [], token: 'tk_1' },
        { types: [], projectId: 'p', source: '*' },
      ],
    );
  });

  test('of one key are asked for together', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    await connection.session();
    connection.subscribe(key, ['TASK']);
    connection.subscribe({ token: 'tk_1' }, ['SUMMARY', 'TASK']);
    await server.request(({ args }) => String(args.types) === 'SUMMARY,TASK');
  });

  test('are asked for again from a server that was restarted, before anything else is', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    connection.subscribe(key, ['TASK']);
    connection.subscribe({ token: 'tk_2', pipeId: 0 }, ['SSE']).dispose();
    const lost = closed(await connection.session());
    const { port } = server;
    await server.stop();
    await lost;
    const restarted = await serve({ port });
    const events: ServerEvent[] = [];
    connection.onDidReceive((event) => events.push(event));
    const session = await connection.session();
    restarted.push('apaevt_task', { action: 'begin' });
    await session.request('rrext_ping', {});
    assert.deepEqual(
      restarted.requests.map(({ command, args }) => [command, args.types]),
      [
        ['auth', undefined],
        ['rrext_monitor', ['TASK']],
        ['rrext_ping', undefined],
      ],
    );
    assert.deepEqual(events, [{ event: 'apaevt_task', body: { action: 'begin' } }]);
  });

  test('that are refused do not keep a session away', async () => {
    const server = await serve({ onRequest: (request) => request.fail("Permission 'task.monitor' denied") });
    const connection = connectTo(server.url);
    connection.subscribe(key, ['TASK']);
    await connection.session();
    assert.equal(log.length, 1);
  });
});

suite('the end of a connection', () => {
  test('logs out, and tries nothing any more', async () => {
    const server = await serve();
    const connection = connectTo(server.url);
    const session = await connection.session();
    await Promise.all([connection.dispose(), connection.dispose()]);
    await connection.dispose();
    connection.connect();
    assert.equal(session.isOpen, false);
    assert.deepEqual(connection.state, { kind: 'idle' });
    assert.equal((await chatErrorOf(() => connection.session())).code, 'server-offline');
    assert.deepEqual(
      server.requests.map(({ command }) => command),
      ['auth', 'deauth'],
    );
  });

  test('just closes while a file is open for writing', async () => {
    const server = await serve({ onRequest: (request) => request.answer({ handle: 'h' }) });
    const connection = connectTo(server.url);
    const session = await connection.session();
    await session.request('rrext_store', { subcommand: 'fs_open', path: 'a', mode: 'w' });
    await connection.dispose();
    assert.deepEqual(
      server.requests.map(({ command }) => command),
      ['auth', 'rrext_store'],
    );
  });

  test('does not wait for a server that is not there, or does not answer', async () => {
    const absent = connectTo(`127.0.0.1:${await freePort()}`, { times: { firstRetryMs: 1e8, longestRetryMs: 1e8 } });
    absent.connect();
    await state(absent, 'offline');
    await absent.dispose();

    const server = await serve({ logsIn: false, onRequest: () => {} });
    const silent = connectTo(server.url);
    const error = chatErrorOf(() => silent.session());
    await server.request(({ command }) => command === 'auth');
    await silent.dispose();
    assert.equal((await error).code, 'server-offline');
  });

  test('before its beginning asks nothing', async () => {
    const server = await serve();
    await connectTo(server.url).dispose();
    assert.deepEqual(server.requests, []);
  });
});
