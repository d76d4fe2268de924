import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { runnableText } from '../../../src/pipelines/runnableText.ts';

const node = { id: 'a', provider: 'chat', config: { b: 1, a: [{ d: 2, c: 3 }] } };

suite('runnableText', () => {
  test('the order of keys, the canvas, the source and a missing config make no difference', () => {
    const text = runnableText({ components: [node, { id: 'b', config: {} }] });
    const config = { a: [{ c: 3, d: 2 }], b: 1 };
    const other = { config, ui: { position: { x: 1 } }, provider: 'chat', id: 'a' };
    assert.equal(runnableText({ source: 'a', viewport: {}, components: [other, { id: 'b' }] }), text);
  });

  test('a changed value, a moved edge and another node make one', () => {
    const text = runnableText({ components: [node] });
    for (const components of [[{ ...node, config: { b: 2 } }], [{ ...node, input: [] }], [node, node], []]) {
      assert.notEqual(runnableText({ components }), text);
    }
  });
});
