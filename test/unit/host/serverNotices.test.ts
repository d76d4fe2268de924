import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { type ServerFacts, serverNotices } from '../../../src/host/serverNotices.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';

const error = { code: 'server-offline', message: 'It is gone.' } as const;
const ready: ServerFacts = {
  status: { kind: 'ready', canStore: true, canRun: true },
  isEngine: true,
  isSlow: false,
  listProblem: undefined,
  isStoreForbidden: false,
  isOutdated: false,
};

function notices(facts: Partial<ServerFacts>) {
  return serverNotices({ ...ready, ...facts }).map(({ message, actions }) => ({ message, actions }));
}

suite('notices about a server', () => {
  test('there are none while it answers, nor in the first moment of connecting', () => {
    assert.deepEqual(notices({}), []);
    assert.deepEqual(notices({ status: { kind: 'idle' } }), []);
    assert.deepEqual(notices({ status: { kind: 'connecting' } }), []);
  });

  test('connecting is told when it takes longer', () => {
    assert.match(notices({ status: { kind: 'connecting' }, isSlow: true })[0]?.message ?? '', /^Connecting/);
  });

  test('every state in which it can not be used has its sentence and the way on', () => {
    const ways = {
      offline: ['retry-server'],
      refused: ['set-server-key', 'connect-server'],
      insecure: ['retry-server', 'connect-server'],
      unnamed: ['connect-server', 'use-embedded'],
    } as const;
    for (const kind of ['offline', 'refused', 'insecure', 'unnamed'] as const) {
      const status = kind === 'offline' ? { kind, error, retryAt: 0 } : { kind, error };
      assert.deepEqual(notices({ status }), [{ message: 'It is gone.', actions: ways[kind] }]);
    }
  });

  test('where chats alone are kept on a server, they can be kept here as well', () => {
    assert.deepEqual(notices({ status: { kind: 'unnamed', error }, isEngine: false })[0]?.actions, [
      'connect-server',
      'save-locally',
    ]);
  });

  test('offline, what is missing from the list is told with it, and only once', () => {
    const listProblem = new ChatError('server-offline', '3 chats can not be listed. It is gone.');
    const status = { kind: 'offline', error, retryAt: 0 } as const;
    assert.deepEqual(notices({ status, listProblem }), [{ message: listProblem.message, actions: ['retry-server'] }]);
  });

  test('a list that fails while the server answers can be read again', () => {
    const listProblem = new ChatError('server-error', 'The list is broken.');
    assert.deepEqual(notices({ listProblem }), [{ message: 'The list is broken.', actions: ['reload'] }]);
  });

  test('an edited pipeline can be restarted or left as it runs', () => {
    assert.deepEqual(notices({ isOutdated: true })[0]?.actions, ['restart-pipeline', 'keep-running']);
  });

  test('a key that does not allow to keep chats says so, and offers to keep them here', () => {
    const [notice] = notices({ isStoreForbidden: true });
    assert.match(notice?.message ?? '', /not saved/);
    assert.deepEqual(notice?.actions, ['save-locally', 'set-server-key']);
  });
});
