import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { promptMessages } from '../../../src/engine/promptMessages.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';

const chatId = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';

suite('promptMessages', () => {
  test('a bare question is one message', () => {
    assert.deepEqual(promptMessages(makeQuestion('Hi', { chatId }), []), [{ role: 'user', content: 'Hi' }]);
  });

  test('history keeps its roles and its order, and prompt nodes do not lose it', () => {
    const history = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello!' },
      { role: 'system', content: 'Be kind.' },
    ] as const;
    const messages = promptMessages(makeQuestion('And now?', { chatId, history: [...history] }), ['Be brief.']);
    assert.deepEqual(messages, [
      { role: 'system', content: 'Be brief.' },
      ...history,
      { role: 'user', content: 'And now?' },
    ]);
  });

  test('role, instructions, goals and examples are for the system; context and documents come with the question', () => {
    const question = {
      ...makeQuestion('Who?', { chatId }),
      role: 'You are a clerk.',
      instructions: [{ subtitle: 'Tone', instructions: 'Polite.' }],
      goals: ['Help'],
      examples: [{ given: '1', result: '2' }],
      context: ['It rains.'],
      documents: [{ page_content: 'Ada wrote it.' }, { other: 1 }],
    };
    assert.deepEqual(promptMessages(question, ['Be brief.']), [
      {
        role: 'system',
        content: 'You are a clerk.\n\nTone:\nPolite.\n\nBe brief.\n\nGoals:\n- Help\n\nExample\nGiven: 1\nResult: 2',
      },
      { role: 'user', content: 'Context:\nIt rains.\n\nDocument:\nAda wrote it.\n\nWho?' },
    ]);
  });

  test('placeholders in a prompt stay verbatim', () => {
    const [system] = promptMessages(makeQuestion('Hi', { chatId }), [`Say \${ROCKETRIDE_KEY}.`]);
    assert.equal(system?.content, `Say \${ROCKETRIDE_KEY}.`);
  });
});
