import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { answerParts, answerText } from '../../../src/chats/answerParts.ts';

/** The parts of a lane's values, without their keys. */
function partsOf(laneType: string, ...values: unknown[]) {
  return answerParts({ result_types: { lane: laneType }, lane: values }).map(({ key, label, ...part }) => part);
}

suite('answer parts', () => {
  test('one answer has no label', () => {
    assert.deepEqual(answerParts({ result_types: { answers: 'answers' }, answers: ['Yes.'] }), [
      { key: 'answers/0', kind: 'markdown', text: 'Yes.' },
    ]);
  });

  test('several values are labelled with their lane, in its order', () => {
    const parts = answerParts({
      result_types: { answers: 'answers', rows: 'table' },
      answers: ['First', 'Second'],
      rows: ['|a|'],
    });
    assert.deepEqual(
      parts.map(({ label, text }) => [label, text]),
      [
        ['answers 1', 'First'],
        ['answers 2', 'Second'],
        ['rows', '|a|'],
      ],
    );
  });

  test('a JSON answer is shown as JSON', () => {
    const [part] = answerParts({ result_types: { answers: 'answers' }, answers: [{ a: 1 }] });
    assert.deepEqual([part?.kind, part?.text], ['json', '{\n  "a": 1\n}']);
  });

  test('an echoed question is shown as its text', () => {
    const [part] = answerParts({
      result_types: { questions: 'questions' },
      questions: [{ questions: [{ text: 'Hi' }] }],
    });
    assert.deepEqual([part?.kind, part?.text], ['markdown', 'Hi']);
  });

  test('no result_types, blank strings, nulls and keys that are not there are nothing to show', () => {
    assert.deepEqual(answerParts({ answers: ['lost'] }), []);
    assert.deepEqual(answerParts({ result_types: { a: 'answers', toString: 'text' }, a: [' ', null] }), []);
    for (const lane of ['documents', 'audio', 'video', 'image']) assert.deepEqual(partsOf(lane), [], lane);
  });

  test('a text is Markdown, and an unknown lane is shown as what it holds', () => {
    assert.deepEqual(partsOf('text', 'one\n\ntwo\n\n'), [{ kind: 'markdown', text: 'one\n\ntwo\n\n' }]);
    assert.deepEqual(partsOf('tags', 'a', { b: 1 }), [
      { kind: 'markdown', text: 'a' },
      { kind: 'json', text: '{\n  "b": 1\n}' },
    ]);
  });

  test('a table of separated values becomes one of Markdown', () => {
    const tables: [string, string][] = [
      ['a,b\n1,2\n', '| a | b |\n| --- | --- |\n| 1 | 2 |'],
      ['a;b\r\n1,5;2', '| a | b |\n| --- | --- |\n| 1,5 | 2 |'],
      ['a\tb\n1\t', '| a | b |\n| --- | --- |\n| 1 |  |'],
      [
        'name,says\nRoe,"""Hi, you|me"""\nDoe,"two\nlines"',
        '| name | says |\n| --- | --- |\n| Roe | "Hi, you\\|me" |\n| Doe | two lines |',
      ],
    ];
    for (const [csv, markdown] of tables) assert.equal(partsOf('table', csv)[0]?.text, markdown);
  });

  test('a table of Markdown, and what is no table, stay as they are', () => {
    for (const text of [
      '|a|b|\n|-|-|\n|1|2|',
      'one, two',
      'a,b\n1',
      'a,b\n"open,2',
      'Only a sentence.\nAnd another.',
    ]) {
      assert.equal(partsOf('table', text)[0]?.text, text);
    }
  });

  test('documents are one list of sources, by the best name that they have', () => {
    const documents = [
      {
        type: 'Document',
        page_content: 'One',
        score: 0.91,
        metadata: { objectId: 'o1', chunkId: 0, parent: 'docs/a.md' },
      },
      { page_content: 'Two', score: null, metadata: { objectId: 'o2', name: '' } },
      { page_content: 'Three' },
    ];
    const [part] = partsOf('documents', ...documents);
    assert.deepEqual(part, {
      kind: 'documents',
      text: 'docs/a.md\n\nOne\n\no2\n\nTwo\n\nDocument 3\n\nThree',
      documents: [
        { name: 'docs/a.md', score: 0.91, text: 'One' },
        { name: 'o2', text: 'Two' },
        { name: 'Document 3', text: 'Three' },
      ],
    });
    assert.deepEqual(
      partsOf('documents', documents, { odd: 1 }).map(({ kind }) => kind),
      ['documents', 'json'],
    );
  });

  test('an image of a kind that runs nothing is shown, others are named', () => {
    const png = { mime_type: 'image/png', image: 'iVBORw0KGgo=' };
    assert.deepEqual(partsOf('image', png), [
      { kind: 'image', text: 'Image, image/png, 9 bytes', mimeType: 'image/png', base64: 'iVBORw0KGgo=' },
    ]);
    const named = [
      { ...png, mime_type: 'image/svg+xml' },
      { ...png, mime_type: 'image/png" onerror="x' },
      { ...png, image: 'https://example.com/a.png' },
      { ...png, image: 'A'.repeat(4 * 1024 * 1024 + 4) },
    ];
    assert.deepEqual(
      partsOf('image', ...named).map(({ kind }) => kind),
      ['file', 'file', 'file', 'file'],
    );
    assert.equal(partsOf('image', 7)[0]?.kind, 'json');
  });

  test('the pieces of a sound or film are named once, with their size and without their address', () => {
    const piece = (url: string, size: number) => ({ url, aviAction: 'WRITE', mimeType: 'audio/mpeg', size });
    assert.deepEqual(partsOf('audio', piece('/srv/a', 0), piece('/srv/a', 1_200_000), piece('/srv/b', 5)), [
      { kind: 'file', text: 'Audio, audio/mpeg, 1.2 MB. The server does not send it with the answer.' },
      { kind: 'file', text: 'Audio, audio/mpeg, 5 bytes. The server does not send it with the answer.' },
    ]);
    assert.equal(partsOf('video', {})[0]?.text, 'Video. The server does not send it with the answer.');
  });

  test('a later question is told the names of documents, not their texts', () => {
    const result = {
      result_types: { answers: 'answers', found: 'documents' },
      answers: ['Yes.'],
      found: [1, 2].map((chunkId) => ({ page_content: 'Long', metadata: { parent: 'a.md', chunkId } })),
    };
    assert.equal(answerText(result), 'Yes.\n\nSources:\n- a.md');
  });
});
