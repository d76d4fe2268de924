import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { HeldAnswers } from '../../support/heldAnswers.ts';
import { RemoteFixture, remoteTarget } from '../../support/remoteFixture.ts';
import { answers } from '../../support/rocketRideServer/lanes.ts';
import { publicToken } from '../../support/rocketRideServer/tokens.ts';

const target = remoteTarget('p-1');
const never = new AbortController().signal;

suite('ends of RemoteEngine', () => {
  let fixture: RemoteFixture;
  let held: HeldAnswers;
  afterEach(() => fixture.close());
  const start = async (options?: { pollMs: number }) => {
    held = new HeldAnswers();
    fixture = await RemoteFixture.start({ answer: held.responder });
    return fixture.window(options);
  };
  /** Starts the pipeline by a question that is answered. */
  const startAsked = async (options?: { pollMs: number }) => {
    const window = await start(options);
    const { result } = window.ask(target, 'First');
    (await held.next()).end(answers('First answer'));
    await result;
    return window;
  };
  const task = () => fixture.server.tasks.all[0] ?? assert.fail('nothing runs');

  for (const [how, end] of [
    ['completed by itself', () => task().crash()],
    ['was terminated, of which the server says nothing', () => task().terminate(0)],
    ['was idle for too long', () => fixture.server.tasks.passTime(100_000)],
    [
      'ended long ago and is forgotten',
      async () => {
        task().crash();
        await fixture.server.tasks.passTime(1000);
      },
    ],
    ['went with the server', () => fixture.server.restart()],
  ] as const) {
    test(`a pipeline that ${how} before the question is run again without a word`, async () => {
      const window = await startAsked();
      await end();
      const { result } = window.ask(target, 'Second');
      (await held.next()).end(answers('Second answer'));
      assert.deepEqual((await result).answers, ['Second answer']);
      assert.equal(fixture.count('execute'), 2);
    });
  }

  test('a pipeline that ends again at once is not run for ever', async () => {
    const window = await startAsked();
    fixture.server.traps.refuse = ({ subcommand }) =>
      subcommand === 'open' ? 'Task has already completed' : undefined;
    assert.equal((await chatErrorOf(() => window.ask(target, 'Second').result)).code, 'task-ended');
    assert.equal(fixture.count('rrext_process', 'open'), 3);
  });

  for (const [how, end] of [
    ['crashes', () => task().crash()],
    ['is terminated', () => task().terminate(0)],
  ] as const) {
    test(`a pipeline that ${how} in the middle of an answer fails the turn at once and asks nothing twice`, async () => {
      const window = await start();
      const { result } = window.ask(target, 'Hi');
      await held.next();
      await end();
      const error = await chatErrorOf(() => result);
      assert.equal(error.code, 'task-ended');
      assert.match(error.message, /in the middle of the answer/);
      assert.equal(fixture.count('rrext_process', 'write'), 1);
    });
  }

  test('the next question after a crash is answered', async () => {
    const window = await start();
    const { result } = window.ask(target, 'Hi');
    await held.next();
    task().crash();
    await chatErrorOf(() => result);
    const next = window.ask(target, 'Again');
    (await held.next()).end(answers('Here'));
    assert.deepEqual((await next.result).answers, ['Here']);
  });

  test('a crash of which no event tells is noticed by asking', async () => {
    const window = await start({ pollMs: 5 });
    fixture.server.traps.refuse = ({ command }) => (command === 'rrext_monitor' ? 'Not now' : undefined);
    const { result } = window.ask(target, 'Hi');
    await held.next();
    task().crash();
    assert.equal((await chatErrorOf(() => result)).code, 'task-ended');
  });

  test('a pipeline that another window starts anew takes the question with it', async () => {
    const window = await start();
    const { result } = window.ask(target, 'Hi');
    await held.next();
    const other = fixture.window();
    const joined = other.ask(target, 'Ho');
    await held.next();
    await other.engine.runs.restart(target, never);
    assert.equal((await chatErrorOf(() => result)).code, 'task-ended');
    assert.equal((await chatErrorOf(() => joined.result)).code, 'task-ended');
  });

  test('a pipeline that was started anew between two looks is not the one that was asked', async () => {
    const window = await start({ pollMs: 5 });
    fixture.server.traps.refuse = ({ command }) => (command === 'rrext_monitor' ? 'Not now' : undefined);
    const { result } = window.ask(target, 'Hi');
    await held.next();
    for (let look = 0; look < 2; look += 1) (await fixture.hold('rrext_get_task_status'))();
    const session = await window.connection.session();
    const { token, spec } = task();
    await session.request('restart', { token, pipeline: spec.pipeline });
    assert.equal((await chatErrorOf(() => result)).code, 'task-ended');
  });

  test('a crash is noticed with a public key, which may not watch', async () => {
    const owner = await startAsked();
    assert.ok(owner);
    const guest = fixture.window({ key: publicToken({ projectId: 'p-1', source: 'chat_1' }), pollMs: 5 });
    const { result } = guest.ask(target, 'Hi');
    await held.next();
    task().crash();
    assert.equal((await chatErrorOf(() => result)).code, 'task-ended');
  });

  test('a long answer outlives many looks at the pipeline', async () => {
    const window = await start({ pollMs: 1 });
    const { result } = window.ask(target, 'Hi');
    const { end } = await held.next();
    for (let look = 0; look < 3; look += 1) (await fixture.hold('rrext_get_task_status'))();
    end(answers('Late'));
    assert.deepEqual((await result).answers, ['Late']);
  });

  test('a socket that drops in the middle of an answer fails the turn, and the next question is answered', async () => {
    const window = await start();
    const { result } = window.ask(target, 'Hi');
    await held.next();
    await fixture.server.dropAll();
    const error = await chatErrorOf(() => result);
    assert.equal(error.code, 'server-offline');
    assert.match(error.message, /lost in the middle of the answer.*Retry/);
    const next = window.ask(target, 'Again');
    (await held.next()).end(answers('Here'));
    assert.deepEqual((await next.result).answers, ['Here']);
  });

  for (const subcommand of ['', 'open']) {
    test(`a socket that drops before the question is sent (${subcommand || 'execute'}) costs nothing but time`, async () => {
      const window = await start();
      fixture.server.traps.drop = {
        when: 'before',
        from: 'server',
        matches: (frame) => frame.subcommand === subcommand && ['execute', 'rrext_process'].includes(frame.command),
      };
      const { result } = window.ask(target, 'Hi');
      (await held.next()).end(answers('Here'));
      assert.deepEqual((await result).answers, ['Here']);
      assert.equal(fixture.count('rrext_process', 'write'), 1);
    });
  }

  test('a stop ends the turn at once and says that the pipeline goes on; its pipe is closed when the work is done', async () => {
    const window = await start();
    const { result, events, stop } = window.ask(target, 'Hi');
    const { asked, end } = await held.next();
    stop();
    const error = await chatErrorOf(() => result);
    assert.equal(error.code, 'stopped');
    assert.match(error.message, /goes on/);
    const told = events.length;
    const closed = fixture.hold('rrext_process', 'close');
    asked.emit('thinking', { message: 'late' });
    end(answers('Late'));
    (await closed)();
    assert.equal(events.length, told);
    const next = window.ask(target, 'Again');
    (await held.next()).end(answers('Here'));
    assert.deepEqual((await next.result).answers, ['Here']);
  });

  test('a stop before the question was sent sends nothing, and closes the pipe that opens afterwards', async () => {
    const window = await startAsked();
    const opening = fixture.hold('rrext_process', 'open');
    const { result, stop } = window.ask(target, 'Hi');
    const go = await opening;
    stop();
    const error = await chatErrorOf(() => result);
    assert.deepEqual([error.code, error.message], ['stopped', 'Stopped']);
    const closed = fixture.hold('rrext_process', 'close');
    go();
    (await closed)();
    assert.equal(fixture.count('rrext_process', 'write'), 1);
  });

  test('a question stopped before it began asks nothing of the server', async () => {
    const window = await start();
    const ask = window.engine.ask(
      { ...target, question: { type: 'prompt', questions: [{ text: 'Hi' }] }, name: 'Question 1' },
      { signal: AbortSignal.abort(), onEvent: () => {} },
    );
    assert.equal((await chatErrorOf(() => ask)).code, 'stopped');
    assert.equal(fixture.server.requests.length, 0);
  });
});
