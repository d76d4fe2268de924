import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { exampleQuestions, modelName } from '../../../src/pipelines/describePipeline.ts';
import { persistSessions } from '../../../src/pipelines/persistSessions.ts';
import { pipelineKey } from '../../../src/pipelines/pipelineId.ts';
import { modelPipeline, node, pipelineOf } from '../../support/pipelineFixture.ts';

suite('describePipeline', () => {
  test('the model is the one its profile names, else the profile', () => {
    assert.equal(modelName(modelPipeline({ model: 'gpt-oss' })), 'gpt-oss');
    assert.equal(
      modelName(pipelineOf(node('l', 'llm_openai', [], { profile: 'openai-4o', 'openai-4o': {} }))),
      'openai-4o',
    );
    assert.equal(modelName(modelPipeline({})), undefined);
    assert.equal(modelName(pipelineOf(node('chat_1', 'chat'))), undefined);
  });

  test('there are at most three example questions, from name, nodes and instructions', () => {
    const pipeline = pipelineOf(
      node('qdrant_1', 'qdrant'),
      node('prompt_1', 'prompt', [], { instructions: 'Summarize what you find.' }),
      node('llm_1', 'llm_openai'),
    );
    assert.deepEqual(exampleQuestions(pipeline, 'docs/handbook.pipe.json'), [
      'What can handbook help me with?',
      'What are the main points in the documents?',
      'How would you summarize a long text for me?',
    ]);
    assert.equal(exampleQuestions({ ...pipeline, name: 'Guide' }, 'x.pipe')[0], 'What can Guide help me with?');
    assert.equal(exampleQuestions(modelPipeline({}), 'x.pipe').length, 3);
  });

  test('an echo is not asked for knowledge', () => {
    assert.doesNotMatch(exampleQuestions(pipelineOf(node('chat_1', 'chat')), 'echo.pipe').join(), /help|Explain/);
  });
});

suite('persistSessions', () => {
  test('is what the chat node says, and undefined when it says nothing of use', () => {
    const saying = (parameters: unknown) => pipelineOf(node('chat_1', 'chat', [], { parameters }));
    assert.equal(persistSessions(saying({ persistSessions: true }), 'chat_1'), true);
    assert.equal(persistSessions(saying({ persistSessions: false }), 'chat_1'), false);
    for (const parameters of [{}, null, { persistSessions: 'true' }]) {
      assert.equal(persistSessions(saying(parameters), 'chat_1'), undefined);
    }
    assert.equal(persistSessions(saying({ persistSessions: true }), 'chat_2'), undefined);
  });
});

suite('pipelineKey', () => {
  test('is the project id, else the path with forward slashes', () => {
    const pipeline = pipelineOf();
    assert.equal(pipelineKey({ ...pipeline, projectId: 'p-1' }, 'a.pipe'), 'p-1');
    assert.equal(pipelineKey(pipeline, 'flows\\deep\\a.pipe'), 'flows/deep/a.pipe');
  });

  test('is one key for both spellings of an accent', () => {
    const [composed, decomposed] = ['NFC', 'NFD'].map((form) => 'Café/a.pipe'.normalize(form));
    assert.ok(composed && decomposed);
    const pipeline = pipelineOf();
    assert.notEqual(composed, decomposed);
    assert.equal(pipelineKey(pipeline, decomposed), pipelineKey(pipeline, composed));
  });
});
