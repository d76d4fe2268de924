import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { serverProposal } from '../../../src/host/serverProposal.ts';

function proposed(connectionMode: unknown, hostUrl: unknown = '') {
  const { url, key } = serverProposal({ connectionMode, hostUrl });
  return { url, key };
}

suite('the server that is proposed', () => {
  test('is the one that the RocketRide extension is set to', () => {
    assert.deepEqual(proposed('cloud'), { url: 'https://cloud.rocketride.ai:80', key: undefined });
    assert.deepEqual(proposed('onprem', ' https://rr.example.com '), { url: 'https://rr.example.com', key: undefined });
  });

  test('comes with the key that servers in Docker and services take', () => {
    for (const mode of ['docker', 'service']) {
      assert.deepEqual(proposed(mode), { url: 'http://localhost:5565', key: 'MYAPIKEY' });
    }
  });

  test('is none, with the reason, where only that extension knows the port or no host is set', () => {
    for (const facts of [
      { connectionMode: 'local', hostUrl: '' },
      { connectionMode: 'onprem', hostUrl: 7 },
    ]) {
      const { url, why } = serverProposal(facts);
      assert.equal(url, '');
      assert.match(why, /RocketRide extension/);
    }
  });

  test('is none without that extension', () => {
    assert.deepEqual(proposed(undefined), { url: '', key: undefined });
  });
});
