import assert from 'node:assert/strict';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { decodeFrame, encodeFrame } from '../../../src/rocketride/frame.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

suite('frames', () => {
  test('a message without data is one line of compact JSON', () => {
    const message = { type: 'request', seq: 1, arguments: { text: 'one\ntwo' } };
    assert.equal(
      encodeFrame({ message, data: undefined }),
      '{"type":"request","seq":1,"arguments":{"text":"one\\ntwo"}}',
    );
  });

  test('a message with data is its JSON, a newline and the data', () => {
    assert.deepEqual(encodeFrame({ message: { a: 'ö' }, data: bytes('x\n\ny') }), bytes('{"a":"ö"}\nx\n\ny'));
  });

  test('data of no bytes makes a binary frame all the same', () => {
    assert.deepEqual(encodeFrame({ message: {}, data: new Uint8Array() }), bytes('{}\n'));
  });

  test('what was encoded is decoded to the same', () => {
    for (const data of [bytes(''), bytes('\n'), bytes('\n\n{"a":1}\n'), Uint8Array.of(0, 255, 10, 254)]) {
      const encoded = encodeFrame({ message: { text: 'a\nb\u2028' }, data });
      assert.ok(encoded instanceof Uint8Array);
      assert.deepEqual(decodeFrame(encoded), { message: { text: 'a\nb\u2028' }, data });
    }
  });

  test('a frame without a newline has no data', () => {
    assert.deepEqual(decodeFrame(bytes('{"a":1,"new":[2]}')), { message: { a: 1, new: [2] }, data: undefined });
  });

  test('whatever bytes come, they are a message, or an error that repeats nothing', () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.json().map(bytes),
      fc.tuple(fc.json(), fc.uint8Array()).map(([json, data]) => Buffer.concat([bytes(`${json}\n`), data])),
      fc.constantFrom('{"__proto__":{"type":"event"},"a":1}', `${'['.repeat(1e5)}${']'.repeat(1e5)}`).map(bytes),
      fc.constantFrom('{"a":1}\r\n', '\ufeff{"a":1}', '{"a":1}{"a":2}', '{"a":\n1}').map(bytes),
    );
    fc.assert(
      fc.property(frame, (data) => {
        let decoded: ReturnType<typeof decodeFrame>;
        try {
          decoded = decodeFrame(data);
        } catch (error) {
          assert.match(String(error), /^Error: a frame (of \d+ characters is no JSON|is no JSON object)$/);
          return;
        }
        assert.equal(Object.getPrototypeOf(decoded.message), Object.prototype);
        const end = data.indexOf(10);
        assert.equal(decoded.data?.length, end < 0 ? undefined : data.length - end - 1);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is no object is refused, and is not repeated in the error', () => {
    for (const text of ['', 'secret', '{"secret"', '[]', 'null', '"secret"', '1', '\n{"a":1}']) {
      assert.throws(
        () => decodeFrame(bytes(text)),
        (error: Error) => !/secret/.test(error.message),
        text,
      );
    }
  });
});
