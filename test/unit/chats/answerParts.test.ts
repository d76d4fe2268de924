import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { answerParts } from '../../../src/chats/answerParts.ts';

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
  });
});
