import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import type { RunTarget } from '../../../src/engine/engine.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { RemoteFixture, type RemoteWindow, remoteTarget } from '../../support/remoteFixture.ts';
import type { ServerOptions } from '../../support/rocketRideServer/rocketRideServer.ts';
import { publicToken } from '../../support/rocketRideServer/tokens.ts';

const target = remoteTarget('p-1');
const edited = remoteTarget('p-1', { laneName: 'answers' });
const never = new AbortController().signal;

suite('runs of RemoteEngine', () => {
  let fixture: RemoteFixture;
  afterEach(() => fixture.close());
  const start = async (options?: ServerOptions) => {
    fixture = await RemoteFixture.start(options);
    return fixture.window();
  };
  const outdated = ({ engine }: RemoteWindow, whom: RunTarget) => engine.runs.isOutdated(whom);
  /** Resolves with the next change. */
  const changed = ({ engine }: RemoteWindow) =>
    new Promise<void>((resolve) => {
      const listening = engine.runs.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
  const runningConfig = () => fixture.server.tasks.all.map(({ spec }) => JSON.stringify(spec.pipeline));

  test('a pipeline that runs already is joined, and is not outdated when the file is the same', async () => {
    await (await start()).ask(target, 'One').result;
    const second = fixture.window();
    assert.deepEqual((await second.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.equal(fixture.server.tasks.all.length, 1);
    assert.equal(outdated(second, target), false);
  });

  test('a pipeline that is joined and was edited since is outdated', async () => {
    await (await start()).ask(target, 'One').result;
    const second = fixture.window();
    await second.ask(edited, 'Two').result;
    assert.equal(outdated(second, edited), true);
    assert.equal(outdated(second, target), false);
  });

  test('a pipeline that was started here and edited since is outdated', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    assert.equal(outdated(window, target), false);
    assert.equal(outdated(window, edited), true);
  });

  test('what was moved on the canvas only is not outdated', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    const content = JSON.parse(JSON.stringify(target.pipeline.content));
    content.components[0].ui.position.x = 500;
    content.viewport.zoom = 2;
    assert.equal(outdated(window, { ...target, pipeline: { ...target.pipeline, content } }), false);
  });

  test('keeping what runs holds until the next change of the file', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    const change = changed(window);
    window.engine.runs.keep(edited);
    await change;
    assert.equal(outdated(window, edited), false);
    assert.equal(outdated(window, remoteTarget('p-1', { laneName: 'other' })), true);
  });

  test('a restart runs what the file says', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    await window.engine.runs.restart(edited, never);
    assert.equal(outdated(window, edited), false);
    assert.match(runningConfig().join(), /laneName/);
    assert.deepEqual((await window.ask(edited, 'Two').result).answers, ['Echo: Two']);
    assert.equal(fixture.count('execute'), 2);
  });

  test('a restart of what has ended by itself starts it', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    fixture.server.tasks.all[0]?.crash();
    await window.engine.runs.restart(edited, never);
    assert.match(runningConfig().join(), /laneName/);
  });

  test('a question that comes during a restart waits for it', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    const held = fixture.hold('execute');
    const restarted = window.engine.runs.restart(edited, never);
    const go = await held;
    const { result } = window.ask(edited, 'Two');
    go();
    await restarted;
    assert.deepEqual((await result).answers, ['Echo: Two']);
    assert.equal(fixture.count('execute'), 2);
  });

  test('a restart by another window is noticed with the next question', async () => {
    const window = await start();
    await window.ask(target, 'One').result;
    const other = fixture.window();
    await other.ask(target, 'Two').result;
    await other.engine.runs.restart(edited, never);
    const change = changed(window);
    await window.ask(target, 'Three').result;
    await change;
    assert.equal(outdated(window, target), true);
  });

  test('two questions at once start the pipeline once', async () => {
    const window = await start();
    await Promise.all(['One', 'Two'].map((text) => window.ask(target, text).result));
    assert.equal(fixture.count('execute'), 1);
  });

  test('a slow start is told about, and its stop leaves nobody waiting', async () => {
    const window = await start();
    const held = fixture.hold('execute');
    const steps: string[] = [];
    const ask = window.ask(target, 'One', ({ data }) => 'message' in data && steps.push(data.message));
    const go = await held;
    ask.stop();
    assert.equal((await chatErrorOf(() => ask.result)).code, 'stopped');
    assert.match(steps.join(), /on the server…/);
    go();
    // What was begun there is joined by the next question.
    assert.deepEqual((await window.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.equal(fixture.server.tasks.all.length, 1);
    assert.equal(fixture.count('rrext_process', 'write'), 1);
  });

  test('of two who wait for a slow start, one may stop', async () => {
    const window = await start();
    const held = fixture.hold('execute');
    const [first, second] = [window.ask(target, 'One'), window.ask(target, 'Two')];
    const go = await held;
    first.stop();
    await chatErrorOf(() => first.result);
    go();
    assert.deepEqual((await second.result).answers, ['Echo: Two']);
    assert.equal(fixture.count('execute'), 1);
  });

  test('the states of a start are told in words of ours', async () => {
    const window = await start();
    fixture.server.traps.startDelayMs = 20;
    const { events, result } = window.ask(target, 'One');
    await result;
    const steps = events.flatMap(({ data }) => ('message' in data ? [data.message] : []));
    assert.deepEqual(steps, [
      'Getting the pipeline ready on the server…',
      'The server is preparing the nodes. The first time this can take minutes…',
    ]);
  });

  test('a pipeline that can not be started fails with a sentence, and its words go to the log', async () => {
    const window = await start();
    fixture.server.traps.refuse = ({ command }) => (command === 'execute' ? 'pip exploded in /srv/venv' : undefined);
    const error = await chatErrorOf(() => window.ask(target, 'One').result);
    assert.equal(error.code, 'server-error');
    assert.doesNotMatch(error.message, /srv/);
    assert.match(window.logged.join('\n'), /pip exploded/);
    assert.equal(fixture.count('execute'), 1);
  });

  test('a pipeline that ends while it is joined is started', async () => {
    await (await start()).ask(target, 'One').result;
    const second = fixture.window();
    let executes = 0;
    fixture.server.onRequest = ({ command }) => {
      if (command === 'execute' && ++executes === 2) fixture.server.traps.refuse = () => 'Task has already completed';
      if (command === 'execute' && executes === 3) fixture.server.traps.refuse = undefined;
      if (command === 'execute' && executes === 2) fixture.server.tasks.all[0]?.crash();
    };
    assert.deepEqual((await second.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.equal(executes, 3);
  });

  test('a pipeline without an id has the same one each time, of its file', async () => {
    const nameless = remoteTarget(undefined);
    await (await start()).ask(nameless, 'One').result;
    await fixture.window().ask(nameless, 'Two').result;
    assert.equal(fixture.server.tasks.all.length, 1);
    await fixture.window().ask({ ...nameless, pipelineUri: 'file:///elsewhere/assistant.pipe' }, 'Three').result;
    assert.equal(fixture.server.tasks.all.length, 2);
    assert.equal('project_id' in nameless.pipeline.content, false);
  });

  test('a public key asks what others have started, and nothing else', async () => {
    await (await start()).ask(target, 'One').result;
    const key = publicToken({ projectId: 'p-1', source: 'chat_1' });
    const guest = fixture.window({ key });
    const { events, result } = guest.ask(target, '/sse 1');
    assert.deepEqual((await result).answers, ['sse done']);
    assert.ok(events.some(({ data }) => 'message' in data && data.message === 'step 1'));
    assert.equal(outdated(guest, edited), false);
    const error = await chatErrorOf(() => guest.ask(remoteTarget('p-2'), 'Two').result);
    assert.equal(error.code, 'server-forbidden');
    assert.equal(fixture.count('rrext_process', 'write'), 2);
  });

  test('the public key of what runs is told, and none of what does not', async () => {
    const window = await start();
    assert.equal(await window.engine.runs.publicToken(target), undefined);
    await window.ask(target, 'One').result;
    const key = publicToken({ projectId: 'p-1', source: 'chat_1' });
    assert.equal(await window.engine.runs.publicToken(target), key);
    fixture.server.tasks.all[0]?.crash();
    assert.equal(await window.engine.runs.publicToken(target), undefined);
  });

  test('with another key the pipeline is looked for anew', async () => {
    const other = { key: 'other', userId: 'other' };
    const window = await start({ accounts: [other] });
    await window.ask(target, 'One').result;
    window.key = 'other';
    await fixture.server.dropAll();
    assert.deepEqual((await window.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.deepEqual(
      fixture.server.tasks.all.map(({ userId }) => userId),
      ['local', 'other'],
    );
  });

  test('the key of a task does not ask another one', async () => {
    await (await start()).ask(target, 'One').result;
    const key = fixture.server.tasks.all[0]?.token ?? '';
    const guest = fixture.window({ key });
    assert.deepEqual((await guest.ask(target, 'Two').result).answers, ['Echo: Two']);
    assert.equal((await chatErrorOf(() => guest.ask(remoteTarget('p-2'), 'Three').result)).code, 'server-forbidden');
  });

  test('a key that may start nothing asks what runs, and says so when nothing does', async () => {
    const limited = { key: 'limited', userId: 'local', permissions: ['task.data', 'task.monitor'] as const };
    const owner = await start({ accounts: [limited] });
    const guest = fixture.window({ key: 'limited' });
    assert.equal((await chatErrorOf(() => guest.ask(target, 'One').result)).code, 'server-forbidden');
    await owner.ask(target, 'One').result;
    assert.deepEqual((await guest.ask(target, 'Two').result).answers, ['Echo: Two']);
  });
});
