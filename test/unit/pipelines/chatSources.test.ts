import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { chatSources, chooseSource } from '../../../src/pipelines/chatSources.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { node, pipelineOf } from '../../support/pipelineFixture.ts';

const two = pipelineOf(node('chat_1', 'chat'), node('chat_2', 'chat'), node('webhook_1', 'webhook'));

suite('chatSources', () => {
  test('a chat node is a source without config.mode', () => {
    assert.deepEqual(
      chatSources(two).map((source) => source.id),
      ['chat_1', 'chat_2'],
    );
  });

  test("the file's own source comes before the remembered one", () => {
    assert.equal(chooseSource({ ...two, source: 'chat_2' }, 'chat_1').id, 'chat_2');
  });

  test('the remembered source is used as long as it exists', async () => {
    assert.equal(chooseSource(two, 'chat_2').id, 'chat_2');
    assert.equal((await chatErrorOf(() => chooseSource(two, 'chat_9'))).code, 'source-ambiguous');
  });

  test('several chat sources are named and left to the user', async () => {
    const error = await chatErrorOf(() => chooseSource(two));
    assert.equal(error.code, 'source-ambiguous');
    assert.match(error.message, /chat_1, chat_2/);
  });

  test('a webhook beside the only chat node does not matter, even when the file names it', () => {
    const pipeline = pipelineOf(node('webhook_1', 'webhook'), node('chat_1', 'chat'));
    assert.equal(chooseSource({ ...pipeline, source: 'webhook_1' }).id, 'chat_1');
  });

  test('a pipeline without a chat node is refused, saying what it starts with', async () => {
    const error = await chatErrorOf(() => chooseSource(pipelineOf(node('dropper_1', 'dropper'))));
    assert.equal(error.code, 'pipeline-invalid');
    assert.match(error.message, /starts with dropper \(dropper_1\).*Add a Chat node/);
  });
});
