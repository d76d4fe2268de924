import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { serverStatusText } from '../../../src/host/serverStatusText.ts';

const error = { code: 'server-offline', message: 'It is gone.' } as const;

suite('the server in the status bar', () => {
  test('is not there before the server was asked anything', () => {
    assert.equal(serverStatusText({ kind: 'idle' }, 'host:5565', 0), undefined);
  });

  test('offline it counts the seconds to the next try down', () => {
    const at = (now: number) => serverStatusText({ kind: 'offline', error, retryAt: 10_000 }, 'host:5565', now)?.text;
    assert.equal(at(5500), '$(debug-disconnect) host:5565: retry in 5 s');
    assert.equal(at(10_001), '$(debug-disconnect) host:5565: retrying');
  });

  test('connected it says what the key does not allow', () => {
    const shown = serverStatusText({ kind: 'ready', canStore: false, canRun: true }, 'host:5565', 0);
    assert.deepEqual(shown, {
      text: '$(plug) host:5565',
      tooltip: 'Connected to host:5565\nThe key does not allow chats to be kept there.',
      severity: 'none',
    });
  });

  test('without a server that is named it says so', () => {
    const shown = serverStatusText({ kind: 'unnamed', error }, undefined, 0);
    assert.deepEqual(shown, {
      text: '$(debug-disconnect) RocketRide: not connected',
      tooltip: 'It is gone.',
      severity: 'error',
    });
  });
});
