import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { suite, test } from 'mocha';
import { parsePipeline } from '../../../src/pipelines/parsePipeline.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';

const chat = { id: 'chat_1', provider: 'chat' };

async function refusal(text: string): Promise<string> {
  const error = await chatErrorOf(() => parsePipeline(text));
  assert.equal(error.code, 'pipeline-invalid');
  return error.message;
}

suite('parsePipeline', () => {
  test('reads nodes, identity, source and name', () => {
    const content = { components: [chat], project_id: 'p', source: 'chat_1', name: 'N', description: 'D' };
    const pipeline = parsePipeline(JSON.stringify(content));
    assert.deepEqual(
      { ...pipeline, components: pipeline.components.map((item) => item.id) },
      {
        components: ['chat_1'],
        projectId: 'p',
        source: 'chat_1',
        name: 'N',
        description: 'D',
        isWrapped: false,
        content,
      },
    );
  });

  test('a byte order mark and a wrapping "pipeline" key do not matter', () => {
    const content = { components: [chat], project_id: 'p', viewport: { x: 0 } };
    const pipeline = parsePipeline(`\uFEFF${JSON.stringify({ pipeline: content })}`);
    assert.equal(pipeline.projectId, 'p');
    assert.deepEqual(pipeline.content, content);
    assert.equal(pipeline.isWrapped, true);
  });

  test('empty and null texts count as absent', () => {
    const pipeline = parsePipeline(JSON.stringify({ components: [], project_id: '', source: null, name: '' }));
    assert.deepEqual([pipeline.projectId, pipeline.source, pipeline.name], [undefined, undefined, undefined]);
  });

  test('keys that are not known stay on their node, and a missing config is an empty one', () => {
    const [first] = parsePipeline(JSON.stringify({ components: [{ ...chat, config: null, ui: { x: 1 } }] })).components;
    assert.deepEqual(first?.config, {});
    assert.deepEqual(first?.ui, { x: 1 });
  });

  test('what is no JSON is refused with line and column', async () => {
    assert.match(await refusal('{\r\n  "components": [\r\n    {]\r\n}'), /at 3:6\b/);
    assert.match(await refusal('{"components": [],}'), /at 1:19/);
    assert.match(await refusal(''), /empty/);
    assert.match(await refusal('{"components": ['), /at 1:17/);
  });

  test('a file without a list of components is refused', async () => {
    for (const text of ['null', '7', '[]', '{}', '{"components":{}}', '{"pipeline":{}}']) {
      assert.match(await refusal(text), /components/);
    }
  });

  test('a node without an id is named by its place, and a duplicate id by itself', async () => {
    assert.match(await refusal(JSON.stringify({ components: [chat, { provider: 'x' }] })), /Node 2 .* no id/);
    assert.match(await refusal(JSON.stringify({ components: [chat, null] })), /Node 2 .* no id/);
    assert.match(await refusal(JSON.stringify({ components: [chat, chat] })), /"chat_1"/);
  });

  test('an edge that can not be read is refused, not dropped', async () => {
    assert.match(
      await refusal(JSON.stringify({ components: [{ ...chat, input: [{ lane: 'a' }] }] })),
      /input\.0\.from/,
    );
  });

  test('deep nesting does not overflow', async () => {
    const deep = '['.repeat(200_000);
    assert.equal((await refusal(`{"components": ${deep}`)).includes('not valid JSON'), true);
    const closed = `{"components":[],"x":${deep}${']'.repeat(200_000)}}`;
    assert.deepEqual(parsePipeline(closed).components, []);
  });

  test('no text at all makes it throw anything but a ChatError', () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => `{"components":[${text}]}`),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          parsePipeline(text);
        } catch (error) {
          assert.ok(error instanceof ChatError && error.code === 'pipeline-invalid');
        }
      }),
    );
  });
});
