import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { torture } from '../../torture/torture.ts';

suite('processes on the same chats', () => {
  test('nothing that was said to be safe is lost when they are killed, suspended and many', async function () {
    this.timeout(90_000);
    const lines: string[] = [];
    const violations = await torture({ seconds: 2, seed: 1, print: (line) => lines.push(line) });
    assert.deepEqual(violations, [], lines.join('\n'));
  });
});
