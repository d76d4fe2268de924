import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import type { CatalogEntry } from '../../../src/chats/catalog.ts';
import { expired, expiredTrash, purgeTime } from '../../../src/chats/expired.ts';

const NOW = Date.parse('2026-03-31T12:00:00.000Z');

function chat(updated: string, flags: Partial<CatalogEntry> = {}): CatalogEntry {
  return { guid: updated, title: '', created: '', updated, message_count: 1, preview: '', pipeline_id: 'p', ...flags };
}

function expiredOf(days: number, ...chats: CatalogEntry[]): string[] {
  return expired(chats, days, NOW).map(({ updated }) => updated);
}

suite('expired', () => {
  test('chats that nobody added to for longer than the days are expired, to the millisecond', () => {
    const old = '2026-03-01T11:59:59.999Z';
    assert.deepEqual(expiredOf(30, chat(old), chat('2026-03-01T12:00:00.000Z'), chat('2026-03-31T11:00:00Z')), [old]);
  });

  test('0 days is never', () => {
    assert.deepEqual(expiredOf(0, chat('1999-01-01T00:00:00.000Z')), []);
    assert.deepEqual(expiredTrash([{ name: 'a', entry: chat(''), deleted: '1999-01-01T00:00:00.000Z' }], 0, NOW), []);
  });

  test('pinned chats, unreadable ones and those without a time are kept; archived ones are not', () => {
    const old = '2020-01-01T00:00:00.000Z';
    const kept = [chat(old, { pinned: true }), chat(old, { unreadable: true }), chat(''), chat('yesterday')];
    assert.deepEqual(expiredOf(1, ...kept, chat(old, { archived: true })), [old]);
  });

  test('after a clock was set back nothing is expired', () => {
    assert.deepEqual(expiredOf(1, chat('2027-01-01T00:00:00.000Z')), []);
  });

  test('times of other writers are understood', () => {
    const python = '2026-03-01T13:59:59.999999+02:00';
    assert.deepEqual(expiredOf(30, chat(python)), [python]);
  });

  test('deleted chats go after their days, those without a date stay', () => {
    const deleted = ['2026-03-20T00:00:00.000Z', '2026-03-25T00:00:00.000Z', '', '2027-01-01T00:00:00.000Z'];
    const chats = deleted.map((time) => ({ name: time, entry: chat(''), deleted: time }));
    assert.deepEqual(
      expiredTrash(chats, 10, NOW).map(({ name }) => name),
      ['2026-03-20T00:00:00.000Z'],
    );
    assert.equal(purgeTime('2026-03-20T00:00:00.000Z', 10)?.toISOString(), '2026-03-30T00:00:00.000Z');
    assert.equal(purgeTime('', 10), undefined);
  });
});
