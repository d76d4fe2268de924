import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { serverMessage } from '../../../src/engine/serverMessage.ts';

suite('serverMessage', () => {
  test('the message is found in the shapes that servers use', () => {
    const bodies = ['{"error":{"message":"No."}}', '{"error":"No."}', '{"message":"No."}', '{"detail":"No."}', 'No.'];
    for (const body of bodies) assert.equal(serverMessage(body, []), 'No.');
  });

  test('it is one line of bounded length', () => {
    assert.equal(serverMessage('a\r\n\tb\u0000c', []), 'a b c');
    assert.equal(serverMessage('x'.repeat(5000), []).length, 200);
  });

  test('a web page and an unknown shape say nothing', () => {
    assert.equal(serverMessage('<html>nginx</html>', []), '');
    assert.equal(serverMessage('{"foo":[1]}', []), '');
  });

  test('a message that repeats a secret, even in part, is left out', () => {
    assert.equal(serverMessage('bad key sk-123456***', ['sk-1234567890']), '');
  });
});
