import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'mocha';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { openSocket } from '../../../src/rocketride/openSocket.ts';
import { ServerFailure } from '../../../src/rocketride/serverFailure.ts';
import type { ServerEvent } from '../../../src/rocketride/serverMessage.ts';
import { serverUrl } from '../../../src/rocketride/serverUrl.ts';
import { SocketChannel } from '../../../src/rocketride/socketChannel.ts';
import { ScriptedSocketServer } from '../../support/scriptedSocketServer.ts';
import { payloadOf, type RecordedStep, readWireTranscript } from '../../support/wireTranscript.ts';

const connections = readWireTranscript();
/** What each refusal in the recording means, in its order. */
const REASONS = [
  ...['bad-key', 'bad-key'],
  ...['bad-handle', 'not-found', 'destination-exists', 'bad-path', 'other', 'unknown-command', 'not-empty'],
  ...['task-ended', 'empty'],
  ...['already-open', 'bad-handle', 'already-open', 'already-running'],
  'no-permission',
];

suite('the recording of a real server', () => {
  test('holds six connections', () => {
    assert.deepEqual(
      connections.map((steps) => steps.length),
      [1, 1, 48, 6, 6, 3],
    );
  });

  for (const [at, steps] of connections.entries()) {
    test(`connection ${at + 1} is understood frame by frame`, async () => {
      const outcome = await replay(steps);
      assert.deepEqual(
        outcome.logged.filter((line) => !line.startsWith('The server refused ')),
        [],
      );
      assert.deepEqual(
        outcome.events,
        recorded(steps, 'event').map(({ event, body }) => ({ event, body })),
      );
      for (const [step, answer] of outcome.answers.entries()) assertAnswer(steps[step], answer);
    });
  }

  test('each refusal in it has its meaning', () => {
    const refusals = connections.flat().flatMap((step) => recorded([step], 'response'));
    const reasons = refusals
      .filter(({ success }) => success === false)
      .map(({ message }) => new ServerFailure(String(message)).reason);
    assert.deepEqual(reasons, REASONS);
  });
});

/** Makes the requests of one connection one after another; a server plays back what came. */
async function replay(steps: readonly RecordedStep[]) {
  let at = 0;
  const server = await ScriptedSocketServer.start({
    onRequest: ({ socket, command, args, data }) => {
      const step = steps[at++];
      assert.ok(step);
      assert.deepEqual({ command, args, data }, sent(step));
      for (const reply of step.replies) {
        const payload = payloadOf(reply);
        const json = JSON.stringify(reply.json);
        socket.send(payload ? Buffer.concat([Buffer.from(`${json}\n`), payload]) : json);
      }
    },
    logsIn: false,
  });
  const socket = openSocket(serverUrl(server.url).socket);
  await once(socket, 'open');
  const events: ServerEvent[] = [];
  const logged: string[] = [];
  const channel = new SocketChannel(socket, {
    log: (message) => logged.push(message),
    onEvent: (event) => events.push(event),
    onClose: () => {},
    ...{ requestMs: 5000, pingEveryMs: 60_000, deadAfterMs: 60_000 },
  });
  const answers: unknown[] = [];
  for (const step of steps) {
    const { command, args, data } = sent(step);
    const timeoutMs = step.replies.length > 0 ? 5000 : 20;
    answers.push(await channel.request(command, args, { data, timeoutMs }).catch((error: unknown) => error));
  }
  channel.close();
  await server.stop();
  return { answers, events, logged };
}

function sent({ request }: RecordedStep) {
  const { command = '', arguments: args = {} } = request.json;
  assert.ok(typeof args === 'object' && args !== null);
  return { command, args: { ...args }, data: payloadOf(request) };
}

function recorded(steps: readonly RecordedStep[], type: 'event' | 'response') {
  return steps.flatMap(({ replies }) => replies.map(({ json }) => json)).filter((json) => json.type === type);
}

function assertAnswer(step: RecordedStep | undefined, answer: unknown): void {
  const reply = step?.replies.find(({ json }) => json.type === 'response');
  if (!reply) {
    // A pipeline that crashed in the middle of a question: the server never answered.
    assert.ok(answer instanceof ChatError && answer.code === 'server-offline');
  } else if (reply.json.success) {
    assert.deepEqual(answer, { body: reply.json.body ?? {}, data: payloadOf(reply) });
  } else {
    assert.ok(answer instanceof ServerFailure);
    assert.equal(answer.serverText, reply.json.message);
    assert.ok(answer.serverText === '' || !answer.message.includes(answer.serverText));
  }
}
