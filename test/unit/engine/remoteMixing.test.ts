import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'mocha';
import { HeldAnswers } from '../../support/heldAnswers.ts';
import { type Ask, RemoteFixture, remoteTarget } from '../../support/remoteFixture.ts';
import { answers } from '../../support/rocketRideServer/lanes.ts';

/** What was streamed and told, but for what tells of the start. */
function said({ events }: Ask): string[] {
  return events.flatMap(({ data }) => {
    if ('message' in data) return data.message.endsWith('…') ? [] : [data.message];
    return 'text' in data ? [data.text] : [];
  });
}

suite('turns at once in RemoteEngine', () => {
  let fixture: RemoteFixture;
  let held: HeldAnswers;
  afterEach(() => fixture.close());
  const start = async () => {
    held = new HeldAnswers();
    fixture = await RemoteFixture.start({ answer: held.responder });
    return fixture.window();
  };

  for (const [what, ids] of [
    ['two chats on one pipeline', ['p-1', 'p-1']],
    ['two pipelines, whose pipes have the same numbers,', ['p-1', 'p-2']],
  ] as const) {
    test(`${what} do not mix what they say`, async () => {
      const window = await start();
      const asks = ids.map((id, at) => window.ask(remoteTarget(id), `Question ${at}`));
      const working = [await held.next(), await held.next()].sort((a, b) => (a.asked.text < b.asked.text ? -1 : 1));
      for (let round = 0; round < 20; round += 1) {
        for (const [at, { asked }] of working.entries()) {
          // The same run and node in both: only the pipe tells them apart.
          asked.emit('chunk', { text: `${at}.${round}`, seq: round, runId: 'r', nodeId: 'llm_1', ts: 0 });
          asked.emit('thinking', { message: `step ${at}.${round}` });
        }
      }
      for (const [at, { end }] of [...working.entries()].reverse()) end(answers(`Answer ${at}`));
      for (const [at, ask] of asks.entries()) {
        assert.deepEqual((await ask.result).answers, [`Answer ${at}`]);
        assert.deepEqual(
          said(ask),
          Array.from({ length: 20 }, (_, round) => [`${at}.${round}`, `step ${at}.${round}`]).flat(),
        );
      }
      const pipes = fixture.server.requests.flatMap(({ subcommand, args }) =>
        subcommand === 'write' ? [args.pipe_id] : [],
      );
      assert.deepEqual(pipes.sort(), ids[0] === ids[1] ? [0, 1] : [0, 0]);
    });
  }

  test('a turn hears its steps on a pipe that the turn before has only just given back', async () => {
    const window = await start();
    const target = remoteTarget('p-1');
    const first = window.ask(target, 'First');
    const { end } = await held.next();
    const unlistening = fixture.hold(
      'rrext_monitor',
      '',
      ({ args }) => 'pipeId' in args && Array.isArray(args.types) && args.types.length === 0,
    );
    end(answers('First answer'));
    await first.result;
    const goOn = await unlistening;
    const opening = fixture.hold('rrext_process', 'open');
    const second = window.ask(target, 'Second');
    (await opening)();
    const session = await window.connection.session();
    // Whatever follows at once has come after a few rounds of another request.
    const settle = async () => {
      for (let round = 0; round < 3; round += 1) await session.request('rrext_ping', {});
    };
    await settle();
    goOn();
    await settle();
    const { asked, end: endSecond } = await held.next();
    asked.emit('thinking', { message: 'heard' });
    endSecond(answers('Second answer'));
    await second.result;
    assert.deepEqual(said(second), ['heard']);
    assert.deepEqual(said(first), []);
  });

  test('the end of one turn leaves the events of the other', async () => {
    const window = await start();
    const target = remoteTarget('p-1');
    const asks = ['a', 'b'].map((text) => window.ask(target, text));
    const working = [await held.next(), await held.next()].sort((a, b) => (a.asked.text < b.asked.text ? -1 : 1));
    working[0]?.end(answers('A'));
    await asks[0]?.result;
    working[1]?.asked.emit('thinking', { message: 'still here' });
    working[1]?.end(answers('B'));
    const [, second] = asks;
    assert.ok(second);
    await second.result;
    assert.deepEqual(said(second), ['still here']);
  });
});
