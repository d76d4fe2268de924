import assert from 'node:assert/strict';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { type ServerUrl, serverUrl } from '../../../src/rocketride/serverUrl.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';

/** What a user gives, where its WebSocket is, and what names the server. */
const ADDRESSES: readonly (readonly [string, string, string])[] = [
  ['localhost', 'ws://localhost:5565/task/service', 'http://localhost:5565'],
  ['  LocalHost ', 'ws://localhost:5565/task/service', 'http://localhost:5565'],
  ['LocalHost.', 'ws://localhost:5565/task/service', 'http://localhost:5565'],
  ['https://My-Host.:443/', 'wss://my-host:443/task/service', 'https://my-host:443'],
  ['https://CLOUD.rocketride.ai.', 'wss://cloud.rocketride.ai/task/service', 'https://cloud.rocketride.ai'],
  ['my-host:9000/x', 'ws://my-host:9000/task/service', 'http://my-host:9000'],
  ['my-host:80', 'ws://my-host:80/task/service', 'http://my-host:80'],
  ['http://my-host', 'ws://my-host:5565/task/service', 'http://my-host:5565'],
  ['ws://my-host', 'ws://my-host:5565/task/service', 'http://my-host:5565'],
  ['https://my-host', 'wss://my-host:5565/task/service', 'https://my-host:5565'],
  ['WSS://My-Host/', 'wss://my-host:5565/task/service', 'https://my-host:5565'],
  ['https://my-host:443', 'wss://my-host:443/task/service', 'https://my-host:443'],
  ['https://my-host:443?auth=pk_1', 'wss://my-host:443/task/service', 'https://my-host:443'],
  ['http://my-host:80/a:1#b', 'ws://my-host:80/task/service', 'http://my-host:80'],
  ['https://my-host/a:443/b', 'wss://my-host:5565/task/service', 'https://my-host:5565'],
  ['https://my-host:8443/chat?auth=tk_1#x', 'wss://my-host:8443/task/service', 'https://my-host:8443'],
  ['https://cloud.rocketride.ai', 'wss://cloud.rocketride.ai/task/service', 'https://cloud.rocketride.ai'],
  ['https://cloud.rocketride.ai:443', 'wss://cloud.rocketride.ai/task/service', 'https://cloud.rocketride.ai'],
  ['https://cloud.rocketride.ai:80', 'wss://cloud.rocketride.ai:80/task/service', 'https://cloud.rocketride.ai:80'],
  ['cloud.rocketride.ai', 'ws://cloud.rocketride.ai/task/service', 'http://cloud.rocketride.ai'],
  ['127.0.0.1:1234', 'ws://127.0.0.1:1234/task/service', 'http://127.0.0.1:1234'],
  ['[::1]', 'ws://[::1]:5565/task/service', 'http://[::1]:5565'],
  ['http://[::1]:80', 'ws://[::1]:80/task/service', 'http://[::1]:80'],
];

suite('server url', () => {
  for (const [text, socket, base] of ADDRESSES) {
    test(`${text} leads to ${socket}`, () => {
      const url = serverUrl(text);
      assert.equal(url.socket, socket);
      assert.equal(url.base, base);
      assert.deepEqual(serverUrl(base), url, 'the base reads as the same server');
      assert.equal(url.isEncrypted, socket.startsWith('wss:'));
    });
  }

  for (const text of [
    '',
    ' ',
    'http://',
    'http://.',
    'a b',
    'ftp://my-host',
    'file:///etc',
    'my-host:port',
    'my-host:99999',
    '::1',
  ]) {
    test(`"${text}" is no address`, async () => {
      const error = await chatErrorOf(() => serverUrl(text));
      assert.equal(error.code, 'invalid');
    });
  }

  test('an address with a name or password is refused, and they are not repeated', async () => {
    for (const text of ['https://somebody:secret@my-host', 'https://secret@my-host', ':secret@my-host']) {
      const error = await chatErrorOf(() => serverUrl(text));
      assert.equal(error.code, 'invalid');
      assert.doesNotMatch(error.message, /secret/);
    }
  });

  test('whatever is typed, the base of an address is the address of the same server', () => {
    const spelling = fc.array(
      fc.oneof(
        fc.constantFrom(
          'https://',
          'WS://',
          'http:',
          '//',
          '\\\\',
          'Host',
          '.',
          '.ai',
          'rocketride',
          '[::1]',
          '%41',
          'é',
        ),
        fc.constantFrom(':', ':443', ':80', ':0443', ':5565', '@', '?', '#', '/', '\t', '\n', ' ', 'x'),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(spelling, (pieces) => {
        let url: ServerUrl;
        try {
          url = serverUrl(pieces.join(''));
        } catch (error) {
          assert.equal(ChatError.from(error).code, 'invalid', `${error}`);
          return;
        }
        assert.deepEqual(serverUrl(url.base), url);
        assert.equal(new URL(url.socket).host, new URL(url.base).host);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is on this machine is told from what is not', () => {
    const local = ['localhost', '127.0.0.1', '127.8.9.10:80', '127.1', '[::1]', 'wss://LOCALHOST'];
    const remote = [
      'my-host',
      'localhost.example.com',
      // Asked of the name service like any other.
      'http://app.localhost',
      '0.0.0.0',
      '[::ffff:10.0.0.1]',
      '127.0.0.1.example.com',
      '128.0.0.1',
      '[::2]',
      'notlocalhost',
      '10.0.0.1',
    ];
    assert.deepEqual(
      local.filter((text) => !serverUrl(text).isLoopback),
      [],
    );
    assert.deepEqual(
      remote.filter((text) => serverUrl(text).isLoopback),
      [],
    );
  });
});
