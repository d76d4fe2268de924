import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'mocha';
import { makeQuestion, question, questionText } from '../../../src/protocol/question.ts';

const chatId = '84578103-ade5-4eeb-a76f-c6361f47de20';

/** A turn as the TypeScript SDK wrote it. */
const [, sdkTurn = ''] = readFileSync(
  new URL(`../../fixtures/typescript/.chats/${chatId}/chat.jsonl`, import.meta.url),
  'utf8',
).split('\n');

suite('Question', () => {
  test('has the keys, the order and the defaults of the SDK', () => {
    const sdk = JSON.parse(sdkTurn).question;
    const ours = makeQuestion(sdk.questions[0].text, { chatId });
    assert.equal(JSON.stringify(ours), JSON.stringify(sdk));
  });

  test('a chat_id that is no UUID is refused when it is made and when it is read', () => {
    for (const id of ['', 'x', '../84578103-ade5-4eeb-a76f-c6361f47de20', `${chatId} `]) {
      assert.throws(() => makeQuestion('Hi', { chatId: id }), id);
      assert.equal(question.safeParse({ type: 'prompt', questions: [{ text: 'Hi' }], chat_id: id }).success, false, id);
    }
  });

  test('keys of later versions are kept', () => {
    const later = { type: 'prompt', questions: [{ text: 'Hi', color: 1 }], attachments: [{ path: 'a' }] };
    assert.deepEqual(question.parse(later), later);
  });

  test('its text is the last of its questions', () => {
    assert.equal(questionText({ type: 'prompt', questions: [{ text: 'One' }, { text: 'Two' }] }), 'Two');
  });
});
