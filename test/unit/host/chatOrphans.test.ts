import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { isMovedFrom, orphanGroups, renamedKey } from '../../../src/host/chatOrphans.ts';

const chat = (pipeline_id: string) => ({ entry: { pipeline_id } });

suite('chats without their pipeline', () => {
  test('are grouped by the pipeline that is missing, the largest group first', () => {
    const chats = [chat('here'), chat('gone'), chat('lost'), chat('lost'), chat('')];
    assert.deepEqual(
      orphanGroups(chats, new Set(['here', 'empty'])).map(({ key, chats: found }) => [key, found.length]),
      [
        ['lost', 2],
        ['gone', 1],
        ['', 1],
      ],
    );
  });

  test('may be of a file of the same name in another folder', () => {
    assert.equal(isMovedFrom('old/echo.pipe', 'new/echo.pipe'), true);
    assert.equal(isMovedFrom('echo.pipe', 'new/echo.pipe'), true);
    assert.equal(isMovedFrom('old/echo.pipe', 'old/echo.pipe'), false, 'it is there');
    assert.equal(isMovedFrom('old/echo.pipe', 'old/my-echo.pipe'), false);
    assert.equal(isMovedFrom('3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55', 'echo.pipe'), false, 'an id says no name');
  });

  test('follow a file, or a folder above it, that was renamed', () => {
    assert.equal(renamedKey('a/echo.pipe', 'a/echo.pipe', 'b/said.pipe'), 'b/said.pipe');
    assert.equal(renamedKey('a/b/echo.pipe', 'a', 'c/d'), 'c/d/b/echo.pipe');
    assert.equal(renamedKey('ab/echo.pipe', 'a', 'c'), undefined);
    assert.equal(renamedKey('a/echo.pipe', 'a/echo', 'c'), undefined);
  });
});
