import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { planPipeline } from '../../../src/engine/planPipeline.ts';
import type { Component } from '../../../src/pipelines/pipeline.ts';
import type { ChatErrorCode } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { modelPipeline, node, pipelineOf } from '../../support/pipelineFixture.ts';

const chat = node('chat_1', 'chat');
const answers = (...from: string[]) =>
  node(
    'out_1',
    'response_answers',
    from.map((id) => ['answers', id] as const),
  );
const model = (id: string, ...from: string[]) =>
  node(
    id,
    'llm_ollama',
    from.map((one) => ['questions', one] as const),
  );
const prompt = (id: string, ...from: string[]) =>
  node(
    id,
    'prompt',
    from.map((one) => ['questions', one] as const),
    { instructions: [`I am ${id}.`] },
  );

async function refusal(code: ChatErrorCode, ...components: Component[]): Promise<string> {
  const error = await chatErrorOf(() => planPipeline(pipelineOf(...components), 'chat_1'));
  assert.equal(error.code, code, error.message);
  return error.message;
}

suite('planPipeline', () => {
  test('the model gets the instructions of the prompt nodes on its way, in order and once each', () => {
    const plan = planPipeline(
      pipelineOf(
        answers('llm_1'),
        model('llm_1', 'p2', 'p1', 'chat_1'),
        prompt('p2', 'p1'),
        prompt('p1', 'chat_1'),
        chat,
      ),
      'chat_1',
    );
    assert.deepEqual(
      plan.models.map((item) => item.instructions),
      [['I am p1.', 'I am p2.']],
    );
    assert.equal(plan.outputs.length, 1);
  });

  test('two models into one response are two values under one key', () => {
    const plan = planPipeline(
      pipelineOf(chat, model('a', 'chat_1'), model('b', 'chat_1'), answers('a', 'b')),
      'chat_1',
    );
    assert.deepEqual(
      plan.outputs.map(({ key, fromId }) => [key, fromId]),
      [
        ['answers', 'a'],
        ['answers', 'b'],
      ],
    );
  });

  test('the lane name of the response is the key, also in the older form', () => {
    const keyOf = (provider: string, config: object) => {
      const response = node('out_1', provider, [['answers', 'm']], config);
      return planPipeline(pipelineOf(chat, model('m', 'chat_1'), response), 'chat_1').outputs[0]?.key;
    };
    assert.equal(keyOf('response_answers', { laneName: 'reply' }), 'reply');
    assert.equal(keyOf('response_answers', { laneName: '' }), 'answers');
    assert.equal(keyOf('response', { lanes: [{ laneId: 'answers', laneName: 'reply' }] }), 'reply');
    assert.equal(keyOf('response', { lanes: [] }), 'answers');
    assert.equal(keyOf('response', { lanes: [{ laneId: 'text', laneName: 'reply' }] }), 'answers');
  });

  test('a question can be given back without any model', () => {
    const echo = pipelineOf(chat, node('out_1', 'response_questions', [['questions', 'chat_1']]));
    const plan = planPipeline(echo, 'chat_1');
    assert.deepEqual(plan.models, []);
    assert.deepEqual(
      plan.outputs.map(({ key, lane }) => [key, lane]),
      [['questions', 'questions']],
    );
  });

  test('a branch beside the chat source is not looked at', () => {
    const { components } = modelPipeline({});
    const webhook = [
      node('webhook_1', 'webhook'),
      node('parse_1', 'parse', [
        ['tags', 'webhook_1'],
        ['text', 'gone'],
      ]),
    ];
    const documents = node('prompt_1', 'prompt', [
      ['questions', 'chat_1'],
      ['documents', 'parse_1'],
    ]);
    const nodes = components.map((item) => (item.id === 'prompt_1' ? documents : item));
    assert.equal(planPipeline(pipelineOf(...webhook, ...nodes), 'chat_1').models.length, 1);
  });

  test('nodes that it can not run are all named, with the way on', async () => {
    const message = await refusal(
      'pipeline-unsupported',
      chat,
      node('embed_1', 'embedding_openai', [['questions', 'chat_1']]),
      node('agent_1', 'agent_rocketride', [['questions', 'embed_1']]),
      answers('agent_1'),
    );
    assert.match(message, /embed_1 \(embedding_openai\), agent_1 \(agent_rocketride\)/);
    assert.match(message, /RocketRide server/);
  });

  test('an edge from a node that is gone is named, also when it cuts the way to the response', async () => {
    assert.match(await refusal('pipeline-invalid', chat, model('llm_1', 'gone'), answers('llm_1')), /"llm_1".*"gone"/);
    const both = model('llm_1', 'chat_1', 'gone');
    assert.match(await refusal('pipeline-invalid', chat, both, answers('llm_1')), /"llm_1".*"gone"/);
  });

  test('a cycle is named in the direction of the data', async () => {
    const cycle = [
      chat,
      prompt('p1', 'chat_1', 'p3'),
      prompt('p2', 'p1'),
      prompt('p3', 'p2'),
      model('m', 'p3'),
      answers('m'),
    ];
    assert.match(await refusal('pipeline-invalid', ...cycle), /p1 → p2 → p3 → p1|p2 → p3 → p1 → p2|p3 → p1 → p2 → p3/);
    assert.match(await refusal('pipeline-invalid', chat, prompt('p1', 'chat_1', 'p1')), /p1 → p1/);
  });

  test('a pipeline that ends before a response says where', async () => {
    assert.match(await refusal('pipeline-invalid', chat, model('llm_1', 'chat_1')), /ends at "llm_1"/);
  });

  test('an edge by a lane that its node does not have is named', async () => {
    assert.match(await refusal('pipeline-invalid', chat, answers('chat_1')), /"out_1" takes "answers" from "chat_1"/);
  });

  test('a source that is no chat node is refused', async () => {
    const error = await chatErrorOf(() => planPipeline(pipelineOf(node('webhook_1', 'webhook')), 'webhook_1'));
    assert.equal(error.code, 'pipeline-invalid');
  });
});
