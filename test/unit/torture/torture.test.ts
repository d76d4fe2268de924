import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { torture } from '../../torture/torture.ts';

/** `npm run torture` runs them all, and for longer. */
const PARTS = ['killed at random', '4 on one chat', '8 in one catalog', 'suspended'];

suite('processes on the same chats', () => {
  test('nothing that was said to be safe is lost when they are killed, suspended and many', async function () {
    this.timeout(90_000);
    const lines: string[] = [];
    const violations = await torture({ seconds: 3, seed: 1, parts: PARTS, print: (line) => lines.push(line) });
    assert.deepEqual(violations, [], lines.join('\n'));
    assert.ok(lines.length >= 3);
  });

  test('nor when the chats are on a server that drops sockets and crashes', async function () {
    this.timeout(120_000);
    const lines: string[] = [];
    const violations = await torture({ seconds: 4, seed: 1, isOnServer: true, print: (line) => lines.push(line) });
    assert.deepEqual(violations, [], lines.join('\n'));
    assert.equal(lines.length, 2);
  });
});
