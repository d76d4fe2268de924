import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { type NoticeFacts, viewNotices } from '../../../src/host/viewNotices.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';

const calm: NoticeFacts = {
  cannotSend: undefined,
  conversation: {
    problem: undefined,
    isGone: false,
    isInTrash: false,
    isSaved: true,
    isPrivate: false,
    isEmpty: false,
  },
  isPresumed: false,
  listProblems: [],
  isWaiting: false,
  otherPlaces: [],
  isSaving: true,
  hasProjectId: true,
  sharedWith: [],
  orphanCount: 0,
  settingProblems: [],
  server: undefined,
  leftPlace: undefined,
  isPlaceShared: false,
};

function notices(facts: Partial<NoticeFacts>) {
  return viewNotices({ ...calm, ...facts });
}

suite('notices of a panel', () => {
  test('there are none when all is well', () => {
    assert.deepEqual(notices({}), []);
  });

  test('a chat that is not saved says so and offers the one click', () => {
    const conversation = { ...calm.conversation, isSaved: false };
    const [notice, ...others] = notices({ isSaving: false, conversation });
    assert.deepEqual(others, []);
    assert.match(notice?.message ?? '', /gone when the window closes/);
    assert.deepEqual(notice?.actions, [{ action: 'enable-saving', label: 'Save Chats of This Pipeline' }]);
  });

  test('a private chat is left in peace', () => {
    const conversation = { ...calm.conversation, isSaved: false, isPrivate: true };
    assert.deepEqual(notices({ isSaving: false, conversation, hasProjectId: false }), []);
  });

  test('two files with the same id are noticed, by name, and can be parted', () => {
    const [notice] = notices({ sharedWith: ['copies/assistant.pipe'] });
    assert.match(notice?.message ?? '', /same project_id as copies\/assistant\.pipe/);
    assert.deepEqual(notice?.actions, [{ action: 'own-project-id', label: 'Give This Pipeline Its Own ID' }]);
  });

  test('chats without their pipeline are offered to an empty chat, and to no other', () => {
    const conversation = { ...calm.conversation, isSaved: false, isEmpty: true };
    const [notice] = notices({ orphanCount: 3, conversation });
    assert.match(notice?.message ?? '', /^3 saved chats have lost their pipeline/);
    assert.deepEqual(notice?.actions, [{ action: 'relink-chats', label: 'Relink Chats…' }]);
    assert.deepEqual(notices({ orphanCount: 3 }), []);
    assert.deepEqual(notices({ orphanCount: 3, conversation: { ...conversation, isPrivate: true } }), []);
  });

  test('what keeps the pipeline from being asked comes with the way on', () => {
    const ways = { 'source-ambiguous': 'choose-source', 'pipeline-invalid': 'open-pipeline' } as const;
    for (const [code, action] of Object.entries(ways)) {
      const error = new ChatError(code === 'source-ambiguous' ? code : 'pipeline-invalid', 'A sentence.');
      const [notice] = notices({ cannotSend: error });
      assert.deepEqual([notice?.message, notice?.actions[0]?.action], ['A sentence.', action]);
    }
  });

  test('a deleted chat that is in the trash can be restored', () => {
    const [gone] = notices({ conversation: { ...calm.conversation, isGone: true, isInTrash: true } });
    assert.deepEqual(gone?.actions, [{ action: 'restore-chat', label: 'Restore' }]);
    assert.deepEqual(notices({ conversation: { ...calm.conversation, isGone: true }, isPresumed: true }), []);
  });

  test('waiting for another window is told, with nothing to do about it', () => {
    const [notice, ...others] = notices({ isWaiting: true });
    assert.deepEqual(others, []);
    assert.match(notice?.message ?? '', /^Another window is writing/);
    assert.deepEqual([notice?.severity, notice?.actions], ['info', []]);
  });

  test('chats that lie in another place are told, how many and where', () => {
    const otherPlaces = [
      { place: 'lib/.chats', chatCount: 1, isListed: true },
      { place: 'your own storage', chatCount: 12, isListed: true },
      { place: 'RocketRide server host:5565', chatCount: 3, isListed: false },
    ];
    assert.deepEqual(
      notices({ otherPlaces }).map(({ message }) => message),
      [
        '1 of these chats is kept in another place: lib/.chats.',
        '12 of these chats are kept in another place: your own storage.',
        '3 more chats are kept where the settings do not look any more: RocketRide server host:5565.',
      ],
    );
  });

  test('why a server is not asked is told once, though it is why the pipeline can not be asked either', () => {
    const error = new ChatError('server-refused', 'The key is refused.');
    const status = { kind: 'refused', error: error.toShape() } as const;
    const server = {
      status,
      isEngine: true,
      isSlow: false,
      listProblem: undefined,
      isStoreForbidden: false,
      isOutdated: false,
    };
    const [notice, ...others] = notices({ cannotSend: error, server });
    assert.deepEqual(others, []);
    assert.deepEqual(
      [notice?.message, notice?.actions.map(({ label }) => label)],
      ['The key is refused.', ['Set Server Key…', 'Connect to Server…']],
    );
  });

  test('a chat that only its server keeps from being read has no notice beside that of the server', () => {
    const error = new ChatError('server-offline', 'The server is away.');
    const conversation = { ...calm.conversation, problem: error };
    assert.equal(notices({ conversation }).length, 1);
    const status = { kind: 'offline', error: error.toShape(), retryAt: 0 } as const;
    const server = {
      status,
      isEngine: true,
      isSlow: false,
      listProblem: undefined,
      isStoreForbidden: false,
      isOutdated: false,
    };
    assert.deepEqual(notices({ conversation, server })[0]?.actions, [{ action: 'retry-server', label: 'Connect Now' }]);
    assert.equal(notices({ conversation, server }).length, 1);
    assert.equal(notices({ conversation, server, leftPlace: 'another server' }).length, 3);
  });

  test('a key that is missing is told once, with how many chats there are', () => {
    const error = new ChatError('server-refused', 'Set a key.');
    const server = {
      status: { kind: 'refused', error: error.toShape() },
      isEngine: true,
      isSlow: false,
      listProblem: new ChatError('server-refused', "Set a key. 3 chats can't be listed."),
      isStoreForbidden: false,
      isOutdated: false,
    } as const;
    const conversation = { ...calm.conversation, problem: error };
    assert.deepEqual(
      notices({ conversation, server, cannotSend: error }).map(({ message }) => message),
      ["Set a key. 3 chats can't be listed."],
    );
  });

  test('a key that allows no saving is told once, with what helps', () => {
    const status = { kind: 'ready', canStore: false, canRun: true } as const;
    const server = {
      status,
      isEngine: true,
      isSlow: false,
      listProblem: undefined,
      isStoreForbidden: true,
      isOutdated: false,
    };
    const conversation = { ...calm.conversation, isSaved: false };
    const [notice, ...others] = notices({ server, conversation, isSaving: false });
    assert.deepEqual(others, []);
    assert.equal(notice?.actions[0]?.action, 'save-locally');
  });

  test('a chat that stays where the settings do not look any more says where that is', () => {
    const [notice] = notices({ leftPlace: 'RocketRide server old:5565' });
    assert.match(notice?.message ?? '', /RocketRide server old:5565/);
  });

  test('under its path a pipeline shares its chats where those of other workspaces are, too', () => {
    const [shared] = notices({ hasProjectId: false, isPlaceShared: true });
    assert.match(shared?.message ?? '', /together with those of other pipelines/);
    assert.deepEqual(shared?.actions, [{ action: 'add-project-id', label: 'Add an ID' }]);
  });

  test('settings, unlisted chats, a deleted chat and an unreadable one each have their sentence', () => {
    const problem = new ChatError('unreadable', 'Torn.');
    const gone = notices({ conversation: { ...calm.conversation, isGone: true } });
    assert.match(gone[0]?.message ?? '', /was deleted/);
    assert.deepEqual(gone[0]?.actions, []);
    const found = notices({
      conversation: { ...calm.conversation, problem },
      listProblems: [new ChatError('storage', 'No permission.')],
      settingProblems: ['historyMessages is 900.'],
    });
    assert.deepEqual(
      found.map(({ message }) => message),
      ['Torn.', 'No permission.', 'historyMessages is 900.'],
    );
    assert.equal(new Set(found.map(({ id }) => id)).size, 3);
  });
});
