import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import { PartialFailure } from '../../../src/engine/engine.ts';
import type { PipelineResult } from '../../../src/protocol/question.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { RemoteFixture, remoteTarget } from '../../support/remoteFixture.ts';
import { answers, laneResult } from '../../support/rocketRideServer/lanes.ts';
import type { ServerOptions } from '../../support/rocketRideServer/rocketRideServer.ts';

const target = remoteTarget('p-1');

suite('RemoteEngine', () => {
  let fixture: RemoteFixture;
  afterEach(() => fixture.close());
  const start = async (options?: ServerOptions) => {
    fixture = await RemoteFixture.start(options);
    return fixture.window();
  };
  const failureOf = async (result: PipelineResult) => {
    const window = await start({ answer: async () => result });
    const error = await chatErrorOf(() => window.ask(target, 'Hi').result);
    return { error, logged: window.logged.join('\n') };
  };

  test('a question is answered with what its lanes hold, in one open, write and close', async () => {
    const window = await start();
    const { answers: values, name, result_types } = await window.ask(target, 'Hi').result;
    assert.deepEqual(
      { values, name, result_types },
      { values: ['Echo: Hi'], name: 'Question 1', result_types: { answers: 'answers' } },
    );
    for (const subcommand of ['open', 'write', 'close']) assert.equal(fixture.count('rrext_process', subcommand), 1);
  });

  test('the pipeline is sent as the file has it, with its source, a long idle time and nothing of the environment', async () => {
    const window = await start();
    await window.ask(target, 'Hi').result;
    const { args } = fixture.server.requests.find(({ command }) => command === 'execute') ?? {};
    assert.deepEqual(args, {
      pipeline: { ...target.pipeline.content, source: 'chat_1' },
      args: [],
      ttl: 43_200,
    });
  });

  test('a second question starts nothing, and gets the pipe that the first one closed', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    assert.deepEqual((await window.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.equal(fixture.count('execute'), 1);
    const pipes = fixture.server.requests.flatMap(({ subcommand, args }) =>
      subcommand === 'write' ? [args.pipe_id] : [],
    );
    assert.deepEqual(pipes, [0, 0]);
  });

  test('steps come as they are told, once each, and nothing after the end', async () => {
    const window = await start();
    const { events, result } = window.ask(target, '/sse 2');
    await result;
    const steps = events.flatMap((event) => (event.type === 'thinking' ? [event.data.message] : []));
    assert.deepEqual(steps.slice(-2), ['step 1', 'step 2']);
    const before = events.length;
    const [{ id } = { id: '' }] = fixture.server.tasks.all;
    fixture.server.connections[0]?.sendEvent(
      'apaevt_sse',
      { pipe_id: 0, type: 'thinking', data: { message: 'late' } },
      id,
    );
    await window.ask(target, 'Next').result;
    assert.equal(events.length, before);
  });

  test('streamed text is taken once, reasoning is counted apart, and what is malformed or unknown is left out', async () => {
    const window = await start({
      answer: async ({ emit }) => {
        const at = (seq: unknown, runId = 'r') => ({ seq, runId, nodeId: 'llm_1', ts: 1 });
        emit('chunk', { text: 'a', ...at(0) });
        emit('chunk', { text: 'a', ...at(0) });
        emit('reasoning_chunk', { text: 'R', ...at(0) });
        emit('reasoning_end', at(1));
        emit('chunk', { text: 'b', ...at(1) });
        emit('chunk', { text: 'again', ...at(0) });
        emit('chunk', { text: 'other run', ...at(0, 's') });
        emit('chunk', { text: 'no number', ...at('2') });
        emit('thinking', { message: 7 });
        emit('thinking', { message: ' ' });
        emit('unheard-of', { text: 'x' });
        emit('chunk_end', { finishReason: 'stop', ...at(2) });
        return answers('ab');
      },
    });
    const { events, result } = window.ask(target, 'Hi');
    await result;
    // Those that end in an ellipsis tell of the start.
    const told = events.flatMap(({ type, data }) => {
      if ('message' in data) return data.message.endsWith('…') ? [] : [`${type} ${data.message}`];
      return ['text' in data ? `${type} ${data.text}` : type];
    });
    assert.deepEqual(told, [
      'chunk a',
      'reasoning_chunk R',
      'reasoning_end',
      'chunk b',
      'chunk other run',
      'chunk_end',
    ]);
  });

  test('a result without lanes is a failure', async () => {
    assert.equal((await failureOf({})).error.code, 'no-answer');
  });

  test('an error that a node raised is a failure, though the server calls it a success', async () => {
    const window = await start();
    const error = await chatErrorOf(() => window.ask(target, '/error boom').result);
    assert.equal(error.code, 'no-answer');
    assert.doesNotMatch(error.message, /boom/);
  });

  test('what the server keeps of an error that a node raised goes to the log', async () => {
    const window = await start();
    fixture.server.traps.replacesFrame = (frame) =>
      frame.from === 'server' && frame.command === 'rrext_get_task_status'
        ? JSON.stringify({ ...frame.message, body: { errors: ['older', 'boom at /srv'] } })
        : undefined;
    await chatErrorOf(() => window.ask(target, '/error boom').result);
    // Its answer comes after that of the request before.
    await (await window.connection.session()).request('rrext_ping', {});
    assert.match(window.logged.join('\n'), /boom at \/srv/);
  });

  test('an object that failed is a failure, told by the log only', async () => {
    const window = await start();
    const error = await chatErrorOf(() => window.ask(target, '/fail at /srv/secret').result);
    assert.equal(error.code, 'server-error');
    assert.doesNotMatch(error.message, /secret|stub/);
    assert.match(window.logged.join('\n'), /secret/);
  });

  test('what a failed object answered is kept, without the words of its error', async () => {
    const { error } = await failureOf({ ...answers('Half'), error: { message: 'boom', file: '/srv/stub.py' } });
    assert.ok(error instanceof PartialFailure);
    assert.deepEqual(error.answer.answers, ['Half']);
    assert.equal('error' in error.answer, false);
  });

  test('a result that is nested too deep to be saved is a failure, half an answer included', async () => {
    const result = { result_types: { answers: 'answers' }, answers: [1] };
    const window = await start();
    for (const key of ['answers', 'metadata', 'error']) {
      fixture.server.traps.replacesFrame = ({ from, subcommand, message }) => {
        if (from !== 'server' || subcommand !== 'close') return undefined;
        // No stringify goes so deep.
        const json = JSON.stringify({ ...message, body: 'BODY' });
        const nested = `${'['.repeat(50_000)}1${']'.repeat(50_000)}`;
        const body = JSON.stringify({ ...result, [key]: 'NESTED' }).replace('"NESTED"', nested);
        return json.replace('"BODY"', body);
      };
      const error = await chatErrorOf(() => window.ask(target, 'Hi').result);
      assert.equal(error.code, 'server-error');
      if (error instanceof PartialFailure) JSON.stringify(error.answer);
    }
    fixture.server.traps.replacesFrame = undefined;
    assert.deepEqual((await window.ask(target, 'Hi').result).answers, ['Echo: Hi']);
  });

  test('a server that streams without end is listened to for so long only, and its answer counts', async () => {
    const window = await start({
      answer: async ({ emit }) => {
        const text = 'x'.repeat(1024 * 1024);
        for (let seq = 0; seq < 80; seq += 1) emit('chunk', { text, seq, runId: 'r', nodeId: 'n', ts: 1 });
        return answers('short');
      },
    });
    const { events, result } = window.ask(target, 'Hi');
    assert.deepEqual((await result).answers, ['short']);
    const length = events.reduce((sum, { data }) => sum + ('text' in data ? data.text.length : 0), 0);
    assert.ok(length > 1e6 && length <= 32 * 1024 * 1024, `${length}`);
  });

  test('a key that the server does not give as a text is none of the public ones', async () => {
    const window = await start();
    await window.ask(target, 'Hi').result;
    const tell = (command: string, body: object) => {
      fixture.server.traps.replacesFrame = (frame) =>
        frame.from === 'server' && frame.command === command ? JSON.stringify({ ...frame.message, body }) : undefined;
    };
    const notes = [{ 'auth-key': 7 }, { 'auth-key': 'tk_1', 'token-key': 'pk_of_the_wrong_name' }, 'pk_x', null];
    tell('rrext_get_task_status', { project_id: 'p-1', source: 'chat_1', state: 3, notes });
    assert.equal(await window.engine.runs.publicToken(target), undefined);
    tell('rrext_get_token', { token: 7 });
    assert.equal((await chatErrorOf(() => window.engine.runs.publicToken(target))).code, 'server-error');
  });

  test('a result that is no result is a failure', async () => {
    assert.equal((await failureOf(JSON.parse('{"result_types":{"answers":7}}'))).error.code, 'server-error');
  });

  test('a null in place of an error is none', async () => {
    const window = await start({
      answer: async () => ({ ...laneResult({ type: 'text', values: ['x'] }), error: null }),
    });
    assert.deepEqual((await window.ask(target, 'Hi').result).text, ['x']);
  });

  test('a pipe that did not open is a failure, and nothing is written', async () => {
    const window = await start();
    await window.ask(target, 'Hi').result;
    fixture.server.traps.replacesFrame = (frame) =>
      frame.from === 'server' && frame.subcommand === 'open'
        ? JSON.stringify({ ...frame.message, body: undefined })
        : undefined;
    assert.equal((await chatErrorOf(() => window.ask(target, 'Again').result)).code, 'server-error');
    assert.equal(fixture.count('rrext_process', 'write'), 1);
  });

  test('a write that the server refuses is a failure, and its pipe is closed', async () => {
    const window = await start();
    fixture.server.traps.losesChildErrors = false;
    const closed = fixture.hold('rrext_process', 'close');
    assert.equal((await chatErrorOf(() => window.ask(target, '/error at /srv/secret').result)).code, 'server-error');
    (await closed)();
    assert.match(window.logged.join('\n'), /secret/);
  });

  test('a pipeline without the chosen source is refused before anything is sent', async () => {
    const window = await start();
    const error = await chatErrorOf(() => window.engine.check(target.pipeline, 'response_1'));
    assert.equal(error.code, 'pipeline-invalid');
    window.engine.check(target.pipeline, 'chat_1');
    assert.equal(fixture.server.requests.length, 0);
  });
});
