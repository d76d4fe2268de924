import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { Run } from '../../../src/chats/run.ts';

const at = (runId: string, seq: number) => ({ runId, seq, nodeId: 'llm_1', ts: 0 });

suite('Run', () => {
  test('steps are lines of their own, apart from what the model thinks aloud', () => {
    const run = new Run();
    const told = [
      run.take({ type: 'thinking', data: { message: 'Looking\n it up ' } }),
      run.take({ type: 'reasoning_chunk', data: { text: 'Hm', ...at('r', 0) } }),
      run.take({ type: 'thinking', data: { message: 'Reading' } }),
    ];
    assert.deepEqual(told, [
      { part: 'steps', text: 'Looking it up\n' },
      { part: 'reasoning', text: 'Hm' },
      { part: 'steps', text: 'Reading\n' },
    ]);
    assert.deepEqual(run.view(), { parts: [], reasoning: 'Hm', steps: ['Looking it up', 'Reading'] });
    assert.equal(run.partialAnswer(), undefined);
  });

  test('what a node says in another run begins below the text before', () => {
    const run = new Run();
    for (const [runId, seq, text] of [
      ['r', 0, 'One'],
      ['r', 1, '.'],
      ['s', 0, 'Two'],
    ] as const) {
      run.take({ type: 'chunk', data: { text, ...at(runId, seq) } });
    }
    assert.deepEqual(run.view().parts, [{ key: 'llm_1', kind: 'markdown', text: 'One.\n\nTwo' }]);
  });
});
