import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import { EmbeddedEngine } from '../../../src/engine/embeddedEngine.ts';
import type { EngineEvent } from '../../../src/engine/engine.ts';
import { openAiModel } from '../../../src/engine/openAiModel.ts';
import type { StreamModel } from '../../../src/engine/streamModel.ts';
import type { Component, Pipeline } from '../../../src/pipelines/pipeline.ts';
import { type HistoryMessage, makeQuestion } from '../../../src/protocol/question.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { type DemoModel, startDemoModel } from '../../support/demoModel.ts';
import { modelPipeline, node, pipelineOf } from '../../support/pipelineFixture.ts';

const chatId = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';
const key = 'sk-very-secret-key';

interface Ask {
  readonly history?: HistoryMessage[];
  readonly expectJson?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
  readonly isAllowed?: boolean;
  readonly streamModel?: StreamModel;
}

function ask(pipeline: Pipeline, text: string, options: Ask = {}) {
  let ids = 0;
  const engine = new EmbeddedEngine({
    secrets: { get: async (name) => (name === 'ROCKETRIDE_KEY' ? key : undefined) },
    consent: { allow: async () => options.isAllowed ?? true },
    streamModel: options.streamModel ?? openAiModel,
    now: () => 42,
    newId: () => `id-${++ids}`,
  });
  const events: EngineEvent[] = [];
  const question = { ...makeQuestion(text, { chatId, history: options.history }), expectJson: options.expectJson };
  const onEvent = (event: EngineEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const signal = options.signal ?? new AbortController().signal;
  const result = engine.ask(
    { pipeline, pipelineUri: 'file:///a.pipe', sourceId: 'chat_1', question, name: 'Question 1' },
    { onEvent, signal },
  );
  return { events, result, question };
}

function textOf(events: readonly EngineEvent[], type: 'chunk' | 'reasoning_chunk'): string {
  return events.map((event) => (event.type === type ? event.data.text : '')).join('');
}

function seqsOf(events: readonly EngineEvent[]): number[] {
  return events.flatMap(({ data }) => ('seq' in data ? [data.seq] : []));
}

suite('EmbeddedEngine', () => {
  const started: DemoModel[] = [];
  afterEach(async () => {
    for (const demo of started.splice(0)) await demo.close();
  });
  const demoPipeline = async (custom: object = {}, delayMs = 0) => {
    const demo = await startDemoModel({ delayMs });
    started.push(demo);
    return { demo, pipeline: modelPipeline({ model: 'demo', base_url: demo.url, ...custom }) };
  };

  test('the result has the shape of the server, and the chunks add up to the answer', async () => {
    const { pipeline } = await demoPipeline();
    const { events, result } = ask(pipeline, 'Show me code');
    const { answers, ...rest } = await result;
    assert.deepEqual(rest, { name: 'Question 1', path: '', objectId: 'id-2', result_types: { answers: 'answers' } });
    assert.deepEqual(answers, [textOf(events, 'chunk')]);
    const seqs = seqsOf(events);
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index),
    );
    const stamp = { runId: 'id-1', nodeId: 'llm_1', ts: 42 };
    assert.deepEqual(events.at(-1), {
      type: 'chunk_end',
      data: { finishReason: 'stop', seq: seqs.length - 1, ...stamp },
    });
  });

  test('the model gets the prompt node, the history with its roles, and no key that nobody gave', async () => {
    const { demo, pipeline } = await demoPipeline();
    const history: HistoryMessage[] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello!' },
    ];
    const { result } = ask(pipeline, 'And now?', { history });
    assert.match(String((await result).answers), /2 earlier messages/);
    assert.deepEqual(demo.requests[0]?.body.messages, [
      { role: 'system', content: 'Be brief.' },
      ...history,
      { role: 'user', content: 'And now?' },
    ]);
    assert.equal(demo.requests[0]?.headers.authorization, undefined);
  });

  test('thinking comes as reasoning, counted apart and ended before the answer', async () => {
    const { pipeline } = await demoPipeline();
    const { events, result } = ask(pipeline, 'think');
    const answer = String((await result).answers);
    assert.match(textOf(events, 'reasoning_chunk'), /First I read the question/);
    assert.doesNotMatch(answer, /First I read/);
    const types = events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
    assert.deepEqual(types, ['reasoning_chunk', 'reasoning_end', 'chunk', 'chunk_end']);
    assert.deepEqual(seqsOf(events.filter((event) => event.type === 'chunk')).slice(0, 2), [0, 1]);
  });

  test('a JSON answer is a value, and nothing of it is streamed', async () => {
    const pipeline = modelPipeline({ model: 'm', base_url: 'http://unused' });
    const streamModel: StreamModel = async (_, { onDelta }) => {
      onDelta({ type: 'text', text: 'x' });
      return { text: '```json\n{"a":[1]}\n```', finishReason: 'stop' };
    };
    const { events, result } = ask(pipeline, 'Hi', { expectJson: true, streamModel });
    assert.deepEqual((await result).answers, [{ a: [1] }]);
    assert.deepEqual(events, []);
    const talk: StreamModel = async () => ({ text: 'Sure!', finishReason: 'stop' });
    const failed = ask(pipeline, 'Hi', { expectJson: true, streamModel: talk });
    assert.equal((await chatErrorOf(() => failed.result)).code, 'model-error');
  });

  test('an echo gives the question back and asks nobody', async () => {
    const echo = pipelineOf(
      node('chat_1', 'chat'),
      node('out_1', 'response_questions', [['questions', 'chat_1']], { laneName: 'asked' }),
    );
    const streamModel: StreamModel = () => assert.fail('a model was asked');
    const { result, question, events } = ask(echo, 'Hi', { streamModel });
    assert.deepEqual((await result).asked, [question]);
    assert.deepEqual((await result).result_types, { asked: 'questions' });
    assert.deepEqual(events, []);
  });

  test('stopping closes the HTTP request, and nothing is reported afterwards', async () => {
    const { demo, pipeline } = await demoPipeline({}, 5);
    const stop = new AbortController();
    const { events, result } = ask(pipeline, 'slow', { signal: stop.signal, onEvent: () => stop.abort() });
    assert.equal((await chatErrorOf(() => result)).code, 'stopped');
    assert.equal(await demo.requests[0]?.cutShort, true);
    assert.equal(events.length, 1);
  });

  test('a question stopped before it began asks nobody', async () => {
    const { demo, pipeline } = await demoPipeline();
    const { result } = ask(pipeline, 'Hi', { signal: AbortSignal.abort() });
    assert.equal((await chatErrorOf(() => result)).code, 'stopped');
    assert.equal(demo.requests.length, 0);
  });

  test('the key goes out once it is allowed', async () => {
    const { demo, pipeline } = await demoPipeline({ apikey: `\${ROCKETRIDE_KEY}` });
    await ask(pipeline, 'Hi').result;
    assert.equal(demo.requests[0]?.headers.authorization, `Bearer ${key}`);
  });

  test('a refused or a missing key ends before the server hears anything', async () => {
    const { demo, pipeline } = await demoPipeline({ apikey: `\${ROCKETRIDE_KEY}` });
    assert.equal((await chatErrorOf(() => ask(pipeline, 'Hi', { isAllowed: false }).result)).code, 'key-refused');
    const other = modelPipeline({ model: 'demo', base_url: demo.url, apikey: `\${ROCKETRIDE_NONE}` });
    assert.equal((await chatErrorOf(() => ask(other, 'Hi').result)).code, 'missing-key');
    assert.equal(demo.requests.length, 0);
  });

  test('an error of a listener is not taken for one of the model', async () => {
    const { pipeline } = await demoPipeline();
    const fault = new Error('listener');
    const { result } = ask(pipeline, 'Hi', {
      onEvent: () => {
        throw fault;
      },
    });
    await assert.rejects(result, fault);
  });

  test('check refuses what ask would refuse, before anything is sent', async () => {
    const engine = new EmbeddedEngine({
      secrets: { get: () => assert.fail('a secret was read') },
      consent: { allow: () => assert.fail('consent was asked') },
      streamModel: () => assert.fail('a model was asked'),
      now: () => 0,
      newId: () => '',
    });
    const codeOf = async (...nodes: Component[]) =>
      (await chatErrorOf(() => engine.check(pipelineOf(...nodes), 'chat_1'))).code;
    assert.equal(await codeOf(...modelPipeline({ model: 'm' }).components), 'pipeline-invalid');
    const agent = node('agent_1', 'agent_crewai', [['questions', 'chat_1']]);
    const out = node('out_1', 'response_answers', [['answers', 'agent_1']]);
    assert.equal(await codeOf(node('chat_1', 'chat'), agent, out), 'pipeline-unsupported');
    engine.check(modelPipeline({ model: 'm', base_url: `\${ROCKETRIDE_URL}`, apikey: `\${ROCKETRIDE_KEY}` }), 'chat_1');
  });
});
