import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { withoutTwins } from '../../../src/host/withoutTwins.ts';

function chat(guid: string, updated: string, place: string) {
  return { entry: { guid, updated }, place };
}

suite('withoutTwins', () => {
  test('a chat in two places is listed once, as it was changed last, whatever zone its time is written in', () => {
    const old = chat('a', '2026-01-02T03:00:00.000Z', 'here');
    const late = chat('a', '2026-01-02T05:30:00+02:00', 'there');
    assert.deepEqual(withoutTwins([old, late]), [late]);
    assert.deepEqual(withoutTwins([late, old]), [late]);
  });

  test('of two that nobody can date the first stays, and other chats stay all', () => {
    const first = chat('a', '', 'here');
    const other = chat('b', '2026-01-02T03:00:00.000Z', 'here');
    assert.deepEqual(withoutTwins([first, other, chat('a', '', 'there')]), [first, other]);
  });
});
