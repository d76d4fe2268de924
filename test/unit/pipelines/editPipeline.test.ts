import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { suite, test } from 'mocha';
import { withPersistSessions, withProjectId } from '../../../src/pipelines/editPipeline.ts';
import { parsePipeline } from '../../../src/pipelines/parsePipeline.ts';
import { persistSessions } from '../../../src/pipelines/persistSessions.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';

const chatConfig = fc.constantFrom<object>(
  { id: 'chat_1', provider: 'chat' },
  { id: 'chat_1', provider: 'chat', config: null },
  { id: 'chat_1', provider: 'chat', config: {} },
  { id: 'chat_1', provider: 'chat', config: { parameters: null, mode: 'Source' } },
  { id: 'chat_1', provider: 'chat', config: { hideForm: true, parameters: {}, type: 'chat' } },
  { id: 'chat_1', provider: 'chat', config: { parameters: { other: [1, { a: '\r\n' }] } } },
  { id: 'chat_1', provider: 'chat', config: { parameters: { persistSessions: false, z: 1 } }, ui: {} },
);
const before = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'chat_1x'), ui: fc.jsonValue({ maxDepth: 2 }) }), {
  maxLength: 2,
});
const file = fc.record({
  components: fc.tuple(before, chatConfig).map(([nodes, chat]) => [...uniqueIds(nodes), chat]),
  extra: fc.jsonValue({ maxDepth: 2 }),
});
const text = fc
  .record({
    file,
    isWrapped: fc.boolean(),
    indent: fc.constantFrom<string | number>('\t', 2, 4, 0),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\uFEFF'),
    tail: fc.constantFrom('', '\n', '\r\n\r\n'),
  })
  .map((style) => {
    const json = JSON.stringify(style.isWrapped ? { pipeline: style.file } : style.file, null, style.indent);
    return style.bom + json.replaceAll('\n', style.eol) + style.tail;
  });

function uniqueIds<T extends { id: string }>(nodes: readonly T[]): T[] {
  return [...new Map(nodes.map((item) => [item.id, item])).values()];
}

/** What is left of each text when the same beginning and end are taken away. */
function difference(a: string, b: string): { removed: string; added: string } {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return { removed: a.slice(start, a.length - end), added: b.slice(start, b.length - end) };
}

function read(source: string) {
  const content: unknown = JSON.parse(source.replace(/^\uFEFF/, ''));
  return content;
}

/** All of the file's content but the chat node's config and its parameters, where the edit happens. */
function withoutParameters(source: string): unknown {
  return JSON.parse(source.replace(/^\uFEFF/, ''), function (this: { id?: unknown }, key, value: unknown) {
    if (key === 'persistSessions' || (key === 'parameters' && isEmpty(value))) return undefined;
    return key === 'config' && this.id === 'chat_1' && isEmpty(value) ? undefined : value;
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

suite('editPipeline', () => {
  test('any pipeline reads back with the value, and nothing but the edit changed', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (original, value) => {
        const edited = withPersistSessions(original, 'chat_1', value);
        assert.equal(persistSessions(parsePipeline(edited), 'chat_1'), value);
        const { removed, added } = difference(original, edited);
        assert.ok(removed.length <= '{ null }'.length, removed);
        assert.deepEqual(withoutParameters(edited), withoutParameters(original));
        assert.equal(/\r(?!\n)/.test(added + edited), false);
        if (!original.includes('\r\n') && !original.includes('\n')) assert.equal(added.includes('\n'), false);
        assert.equal(withPersistSessions(edited, 'chat_1', value), edited);
      }),
      { numRuns: 400 },
    );
  });

  test('any pipeline gets its project id, and taking the edit out again gives the old bytes', () => {
    fc.assert(
      fc.property(text, fc.uuid(), (original, id) => {
        const edited = withProjectId(original, id);
        assert.equal(parsePipeline(edited).projectId, id);
        const { removed, added } = difference(original, edited);
        assert.equal(removed, '');
        assert.equal(edited.length - added.length, original.length);
      }),
    );
  });

  test('everything else keeps its meaning', () => {
    const original = '{"components":[{"id":"chat_1","provider":"chat","config":{"a":[1,2]}}],"z":{"y":null}}';
    assert.deepEqual(read(withPersistSessions(original, 'chat_1', true)), {
      components: [{ id: 'chat_1', provider: 'chat', config: { a: [1, 2], parameters: { persistSessions: true } } }],
      z: { y: null },
    });
  });

  test('a pretty file gets pretty lines in its own indentation and line ends', () => {
    const original = JSON.stringify({ components: [{ id: 'chat_1', config: { parameters: {} } }] }, null, '\t');
    const edited = withPersistSessions(original.replaceAll('\n', '\r\n'), 'chat_1', true);
    assert.ok(edited.includes('"parameters": {\r\n\t\t\t\t\t"persistSessions": true\r\n\t\t\t\t}\r\n'), edited);
  });

  test('a compact line in a pretty file stays one line', () => {
    const original =
      '{\n\t"components": [\n\t\t{\n\t\t\t"id": "chat_1",\n\t\t\t"config": { "hideForm": true, "parameters": {}, "type": "chat" }\n\t\t}\n\t]\n}\n';
    assert.equal(
      withPersistSessions(original, 'chat_1', true),
      original.replace('"parameters": {}', '"parameters": { "persistSessions": true }'),
    );
  });

  test('a minified file stays minified', () => {
    const original = '{"components":[{"id":"chat_1","provider":"chat"}],"version":1}';
    assert.equal(
      withProjectId(withPersistSessions(original, 'chat_1', true), 'p'),
      '{"components":[{"id":"chat_1","provider":"chat","config":{"parameters":{"persistSessions":true}}}],"version":1,"project_id":"p"}',
    );
  });

  test('of duplicate keys the one that counts is set', () => {
    const original =
      '{"components":[{"id":"chat_1","config":{"parameters":{"persistSessions":true,"persistSessions":false}}}]}';
    assert.equal(persistSessions(parsePipeline(withPersistSessions(original, 'chat_1', true)), 'chat_1'), true);
  });

  test('nothing is written into what does not parse or lacks the node', async () => {
    const withList = '{"components":[{"id":"chat_1","config":{"parameters":[1]}}]}';
    const deep = `{"components":[{"id":"chat_1"}],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    for (const broken of ['{"components":[', '{"components":[]}', withList, deep]) {
      const error = await chatErrorOf(() => withPersistSessions(broken, 'chat_1', true));
      assert.equal(error.code, 'pipeline-invalid');
    }
    assert.equal((await chatErrorOf(() => withProjectId('[]', 'p'))).code, 'pipeline-invalid');
  });
});
