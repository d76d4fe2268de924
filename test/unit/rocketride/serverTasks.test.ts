import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import { startDemoModel } from '../../support/demoModel.ts';
import { modelPipeline } from '../../support/pipelineFixture.ts';
import type { Account } from '../../support/rocketRideServer/account.ts';
import { embeddedResponder } from '../../support/rocketRideServer/embeddedResponder.ts';
import { RawClient, type Received } from '../../support/rocketRideServer/rawClient.ts';
import { RocketRideServer } from '../../support/rocketRideServer/rocketRideServer.ts';
import { askTask, closePipe, openPipe, runChat, writeQuestion } from '../../support/rocketRideServer/taskClient.ts';

const isEvent = (event: string) => (frame: Received) => frame.message.event === event;

let server: RocketRideServer;
let client: RawClient;

suite('the tasks of the server for tests', () => {
  setup(async () => {
    server = await RocketRideServer.start();
    client = await RawClient.logIn(server.url, server.key);
  });

  teardown(() => server.stop());

  test('a task that dies in mid-turn answers nothing, and says that it has completed', async () => {
    const token = await runChat(client, 'p1');
    await client.body('rrext_monitor', { token, types: ['summary', 'TASK'] });
    const pipe = await openPipe(client, token);
    const written = writeQuestion(client, token, pipe, '/slow 60000');
    server.traps.killsTask = ({ subcommand }) => subcommand === 'close';
    const closed = closePipe(client, token, pipe);
    const ended = await client.next(({ message }) => message.body.action === 'end');
    assert.equal(ended.message.body.projectId, 'p1');
    const { completed, state, exitCode } = await client.body('rrext_get_task_status', { token });
    assert.deepEqual({ completed, state, exitCode }, { completed: true, state: 5, exitCode: 0 });
    await assert.rejects(openPipe(client, token), { message: 'Task has already completed' });
    const first = await Promise.race([written, closed, client.request('rrext_ping')]);
    assert.deepEqual(first.message.body, { pong: true });
    assert.equal(await runChat(client, 'p1'), token);
  });

  test('an error of a node is lost, until it is to be told', async () => {
    const token = await runChat(client, 'p1');
    const lost = await writeQuestion(client, token, await openPipe(client, token), '/error boom');
    assert.deepEqual([lost.message.success, lost.message.body], [true, {}]);
    server.traps.losesChildErrors = false;
    const told = await writeQuestion(client, token, await openPipe(client, token), '/error boom');
    assert.deepEqual([told.message.success, told.message.message], [false, 'boom']);
  });

  test('pipes are numbered from 0, by task, and numbers are used again', async () => {
    const [one, two] = [await runChat(client, 'p1'), await runChat(client, 'p2')];
    assert.deepEqual(
      [await openPipe(client, one), await openPipe(client, one), await openPipe(client, two)],
      [0, 1, 0],
    );
    await closePipe(client, one, 0);
    assert.equal(await openPipe(client, one), 0);
  });

  test('events of two tasks reach who asked for them, each with the id of its task', async () => {
    const [one, two] = [await runChat(client, 'p1'), await runChat(client, 'p2')];
    const other = await RawClient.logIn(server.url, server.key);
    await client.body('rrext_monitor', { token: '*', types: ['SSE'] });
    await other.body('rrext_monitor', { projectId: 'p2', source: 'chat_1', pipeId: 0, types: ['SSE'] });
    await Promise.all([askTask(client, one, '/sse 1'), askTask(client, two, '/sse 1')]);
    const ids = [await client.next(isEvent('apaevt_sse')), await client.next(isEvent('apaevt_sse'))];
    const idOf = ({ message }: Received) => message.body.__id;
    assert.deepEqual(ids.map(idOf).sort(), [one, two].map((token) => `${token.slice(3, 11)}.chat_1`).sort());
    assert.equal(idOf(await other.next()), `${two.slice(3, 11)}.chat_1`);
    assert.equal((await other.request('rrext_ping')).message.success, true);
    assert.equal(other.untaken, 0);
  });

  test('a key for the public may chat and hear of it, and no more', async () => {
    const token = await runChat(client, 'p1');
    const [task] = server.tasks.all;
    const guest = await RawClient.logIn(server.url, task?.publicToken ?? '');
    await guest.body('rrext_monitor', { types: ['ALL'] });
    assert.deepEqual((await askTask(guest, 'tk_of another', '/sse 1')).answers, ['sse done']);
    assert.deepEqual((await guest.next()).message.event, 'apaevt_sse');
    assert.equal(guest.untaken, 0);
    await assert.rejects(guest.store('fs_list_dir'), { message: "Permission 'task.store' denied" });
    await assert.rejects(guest.body('terminate', { token }), { message: "Permission 'task.control' denied" });
    await assert.rejects(guest.body('rrext_get_task_status'), { message: "Permission 'task.monitor' denied" });
  });

  test('another account hears of no tasks and sees no files but its own', async () => {
    const accounts: readonly Account[] = [{ key: 'other', userId: 'else', permissions: ['task.data', 'task.store'] }];
    const shared = await RocketRideServer.start({ accounts });
    try {
      const [own, other] = [await RawClient.logIn(shared.url, shared.key), await RawClient.logIn(shared.url, 'other')];
      for (const each of [own, other]) await each.body('rrext_monitor', { token: '*', types: ['SSE'] });
      await own.write('a.txt', 'a');
      await askTask(own, await runChat(own, 'p1'), '/sse 1');
      assert.equal((await own.next()).message.event, 'apaevt_sse');
      assert.deepEqual(await other.store('fs_list_dir'), { entries: [], count: 0 });
      assert.equal(other.untaken, 0);
      await assert.rejects(runChat(other, 'p1'), { message: "Permission 'task.control' denied" });
    } finally {
      await shared.stop();
    }
  });

  test('a pipeline that starts slowly can be terminated, and then fails without a text', async () => {
    server.traps.startDelayMs = 60_000;
    const starting = runChat(client, 'p1');
    await client.body('rrext_monitor', { projectId: 'p1', source: 'chat_1', types: ['SUMMARY'] });
    const joining = runChat(client, 'p1', { useExisting: true });
    await client.body('terminate', { token: server.tasks.all[0]?.token });
    await assert.rejects(starting, { message: '' });
    await assert.rejects(joining, { message: '' });
    const states = await client.next(({ message }) => message.body.state === 6);
    assert.equal(states.message.body.status, 'Stopped');
  });

  test('an idle task is stopped after its ttl, and forgotten later', async () => {
    const token = await runChat(client, 'p1', { ttl: 60 });
    const kept = await runChat(client, 'p2', { ttl: 0 });
    await server.tasks.passTime(59);
    await askTask(client, token, 'still there');
    await server.tasks.passTime(59);
    assert.equal(server.tasks.get(token).isOver, false);
    await server.tasks.passTime(1);
    await assert.rejects(openPipe(client, token), { message: '' });
    await server.tasks.passTime(300);
    await assert.rejects(openPipe(client, token), { message: 'Your pipeline is not running' });
    assert.equal(await openPipe(client, kept), 0);
  });

  test('a joined task keeps its pipeline; started again or restarted it has another', async () => {
    const token = await runChat(client, 'p1');
    const pipeline = { name: 'edited', project_id: 'p1', components: [{ id: 'chat_1', provider: 'chat' }] };
    const nameOf = async () => JSON.stringify(await client.body('rrext_get_pipeline', { token }));
    const join = { pipeline, source: 'chat_1', useExisting: true };
    assert.equal((await client.body('execute', join)).token, token);
    assert.doesNotMatch(await nameOf(), /edited/);
    await client.body('restart', { token, pipeline });
    assert.match(await nameOf(), /edited/);
    await server.restart();
    client = await RawClient.logIn(server.url, server.key);
    await assert.rejects(nameOf(), { message: 'Your pipeline is not running' });
    assert.equal((await client.body('execute', join)).token, token);
    assert.match(await nameOf(), /edited/);
  });

  test('every lane can be answered with', async () => {
    const result = await askTask(client, await runChat(client, 'p1'), '/lanes');
    const types = Object.values(Object(result.result_types));
    assert.deepEqual(types, ['answers', 'text', 'table', 'documents', 'questions', 'image', 'audio', 'video']);
    for (const key of Object.keys(Object(result.result_types))) assert.ok(Array.isArray(result[key]), key);
  });

  test('pipelines really run, with what they stream as events', async () => {
    const demo = await startDemoModel({ delayMs: 0 });
    const real = await RocketRideServer.start({ answer: embeddedResponder({ ROCKETRIDE_KEY: 'sk-1' }) });
    try {
      client = await RawClient.logIn(real.url, real.key);
      const { components } = modelPipeline({ model: 'demo', base_url: demo.url, apikey: '${ROCKETRIDE_KEY}' });
      const pipeline = { project_id: 'p1', source: 'chat_1', components };
      const token = String((await client.body('execute', { pipeline })).token);
      await client.body('rrext_monitor', { token, types: ['SSE'] });
      const { answers } = await askTask(client, token, 'hello');
      assert.match(String(answers), /You asked:\n\n> hello/);
      assert.equal((await client.next(isEvent('apaevt_sse'))).message.body.type, 'chunk');
      assert.equal(demo.requests[0]?.headers.authorization, 'Bearer sk-1');
    } finally {
      await real.stop();
      await demo.close();
    }
  });
});
