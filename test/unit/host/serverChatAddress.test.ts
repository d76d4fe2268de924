import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { serverChatAddress } from '../../../src/host/serverChatAddress.ts';

suite('serverChatAddress', () => {
  test('has the public key, and nothing else', () => {
    assert.equal(serverChatAddress('http://localhost:5565', 'pk_0af3'), 'http://localhost:5565/chat?auth=pk_0af3');
    assert.equal(serverChatAddress('https://rr.example.com:443', 'pk_1'), 'https://rr.example.com/chat?auth=pk_1');
  });

  test('has no key when there is none', () => {
    assert.equal(serverChatAddress('http://localhost:5565', undefined), 'http://localhost:5565/chat');
  });

  test('never has a task token or an API key', () => {
    for (const secret of ['tk_0af3', 'MYAPIKEY', 'rr_1', '', 'xpk_1']) {
      assert.equal(serverChatAddress('http://localhost:5565', secret), 'http://localhost:5565/chat');
    }
  });
});
