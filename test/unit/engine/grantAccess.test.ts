import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { grantAccess } from '../../../src/engine/grantAccess.ts';
import type { ModelConfig } from '../../../src/engine/resolveConfig.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';

const values = new Map([
  ['ROCKETRIDE_KEY', 'sk-very-secret'],
  ['ROCKETRIDE_URL', 'http://gpu.local:8000'],
  ['ROCKETRIDE_BAD', 'sk-\u2028line'],
]);
const never = new AbortController().signal;

function access(config: Partial<ModelConfig>, allow: () => Promise<boolean> = async () => true, signal = never) {
  const asked: string[] = [];
  const consent = {
    allow: (name: string, origin: string) => {
      asked.push(`${name} ${origin}`);
      return allow();
    },
  };
  const secrets = { get: async (name: string) => values.get(name) };
  const full: ModelConfig = {
    nodeId: 'llm_1',
    model: 'm',
    endpoint: 'https://api.example.com:8443/v1?version=2',
    endpointField: 'base_url',
    apiKey: undefined,
    ...config,
  };
  return { asked, result: grantAccess(full, { secrets, consent }, signal) };
}

suite('grantAccess', () => {
  test('a key from a secret is asked for with scheme, host and port', async () => {
    const { asked, result } = access({ apiKey: `\${ROCKETRIDE_KEY}` });
    assert.equal((await result).apiKey, 'sk-very-secret');
    assert.deepEqual(asked, ['ROCKETRIDE_KEY https://api.example.com:8443']);
  });

  test('a loopback server is asked for too', async () => {
    const { asked, result } = access({ apiKey: `\${ROCKETRIDE_KEY}`, endpoint: 'http://127.0.0.1:1/v1' });
    await result;
    assert.deepEqual(asked, ['ROCKETRIDE_KEY http://127.0.0.1:1']);
  });

  test('no key, or one written in the file, asks nothing', async () => {
    const none = access({});
    assert.equal((await none.result).apiKey, undefined);
    const literal = access({ apiKey: 'local' });
    assert.equal((await literal.result).apiKey, 'local');
    assert.deepEqual([...none.asked, ...literal.asked], []);
  });

  test('a refused key is not sent', async () => {
    const error = await chatErrorOf(() => access({ apiKey: `\${ROCKETRIDE_KEY}` }, async () => false).result);
    assert.equal(error.code, 'key-refused');
    assert.match(error.message, /ROCKETRIDE_KEY.*https:\/\/api\.example\.com:8443/);
  });

  test('a secret hidden in the address is asked for like a key', async () => {
    for (const endpoint of [
      `https://evil.example/\${ROCKETRIDE_KEY}/v1`,
      `https://evil.example/v1?k=\${ROCKETRIDE_KEY}`,
    ]) {
      const { asked, result } = access({ endpoint });
      assert.equal((await result).shownUrl, endpoint);
      assert.deepEqual(asked, ['ROCKETRIDE_KEY https://evil.example']);
    }
    const suffix = access({ endpoint: `\${ROCKETRIDE_URL}.evil.example/v1` });
    assert.equal((await chatErrorOf(() => suffix.result)).code, 'pipeline-invalid');
  });

  test('an address that is a secret as a whole goes to itself and asks nothing', async () => {
    const { asked, result } = access({ endpoint: `\${ROCKETRIDE_URL}/v1` });
    const { url, shownUrl } = await result;
    assert.equal(url.href, 'http://gpu.local:8000/v1');
    assert.equal(shownUrl, `\${ROCKETRIDE_URL}/v1`);
    assert.deepEqual(asked, []);
  });

  test('a secret that makes no address is not shown', async () => {
    const error = await chatErrorOf(() => access({ endpoint: `\${ROCKETRIDE_KEY}/v1` }).result);
    assert.equal(error.code, 'pipeline-invalid');
    assert.doesNotMatch(error.message, /sk-/);
  });

  test('a missing value is named with the command that sets it', async () => {
    const error = await chatErrorOf(() => access({ apiKey: `\${ROCKETRIDE_GONE}` }).result);
    assert.equal(error.code, 'missing-key');
    assert.match(error.message, /ROCKETRIDE_GONE.*Run "Set Model Key…"/);
  });

  test('a key that no header can carry is named, not shown', async () => {
    const error = await chatErrorOf(() => access({ apiKey: `\${ROCKETRIDE_BAD}` }).result);
    assert.equal(error.code, 'missing-key');
    assert.match(error.message, /ROCKETRIDE_BAD/);
    assert.doesNotMatch(error.message, /sk-/);
  });

  test('stopping does not wait for the user to answer', async () => {
    const stop = new AbortController();
    const { result } = access({ apiKey: `\${ROCKETRIDE_KEY}` }, () => new Promise(() => stop.abort()), stop.signal);
    assert.equal((await chatErrorOf(() => result)).code, 'stopped');
  });
});
