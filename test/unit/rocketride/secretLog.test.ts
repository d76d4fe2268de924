import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { SecretLog } from '../../../src/rocketride/secretLog.ts';

const SECRET = 'first "half" of it+/\nsecond-half';

function logged(...written: readonly (readonly [string, unknown?])[]): string {
  const lines: string[] = [];
  const log = new SecretLog((message, cause) => lines.push(cause === undefined ? message : `${message} ${cause}`));
  log.hide('');
  log.hide(SECRET);
  log.hide('a=b&c');
  for (const [message, cause] of written) log.write(message, cause);
  return lines.join('\n');
}

suite('secret log', () => {
  test('a key is left out, however it is spelled', () => {
    const texts = [
      SECRET,
      JSON.stringify({ key: SECRET }),
      `/chat?auth=${encodeURIComponent(SECRET)}`,
      Buffer.from(SECRET).toString('base64'),
      Buffer.from(SECRET).toString('base64url'),
      'of line two: second-half',
      'a=b&c a%3Db%26c',
    ];
    const text = logged(...texts.map((text) => [`<${text}>`] as const));
    assert.doesNotMatch(text, /half|Zmlyc3Q|a=b|a%3Db/);
    assert.equal(text.match(/</g)?.length, texts.length);
  });

  test('what caused it is as clean as the message: texts, values, and errors with all their causes', () => {
    const inner = new Error(`inner ${SECRET}`);
    const outer = new Error('outer', { cause: inner });
    const text = logged(['one', SECRET], ['two', { deep: [SECRET] }], ['three', outer], ['four', 7]);
    assert.doesNotMatch(text, /half/);
    assert.match(
      text,
      /^one \(key\)\ntwo {"deep":\["\(key\)"\]}\nthree Error: outer\n.*Caused by: Error: inner \(key\)/s,
    );
    assert.match(text, /four 7$/);
  });

  test('keys of tasks are left out, in addresses too', () => {
    const text = logged(['tk_12ab, "pk_34", {host}/chat?auth=tk_56 auth%3Dtk_78'], ['x', { 'token-key': 'tk_90' }]);
    assert.doesNotMatch(text, /\d\d/);
  });

  test('a text without end is cut, and a value without bottom is survived', () => {
    let deep: unknown = 0;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const text = logged(['long', 'x'.repeat(1e6)], ['deep', deep]);
    assert.ok(text.length < 5000, `${text.length}`);
    assert.match(text, /deep \(a value that is nested too deep\)/);
  });

  test('keys that were exchanged long ago are not kept for ever, the last ones are', () => {
    const lines: string[] = [];
    const log = new SecretLog((message) => lines.push(message));
    for (let at = 100; at < 200; at += 1) log.hide(`token-${at}`);
    log.write('token-199 token-195');
    assert.deepEqual(lines, ['(key) (key)']);
  });
});
