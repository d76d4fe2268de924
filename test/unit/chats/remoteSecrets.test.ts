import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'mocha';
import type { Conversation } from '../../../src/chats/conversation.ts';
import type { Server } from '../../../src/host/server.ts';
import { openServer } from '../../../src/openServer.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { PIPELINE_ID, TestWindow, until } from '../../support/chatFixture.ts';
import { remoteTarget } from '../../support/remoteFixture.ts';
import { answers } from '../../support/rocketRideServer/lanes.ts';
import type { Responder } from '../../support/rocketRideServer/responder.ts';
import { RocketRideServer } from '../../support/rocketRideServer/rocketRideServer.ts';
import { taskToken } from '../../support/rocketRideServer/tokens.ts';

const KEY = 'sentinel-"of-the\nkey"/+= äö';
const WRONG = "sentinel-wrong 'one'\\";
const GUEST = 'sentinel-guest';
const TOKEN = taskToken({ projectId: PIPELINE_ID, source: 'chat_1', userId: 'local' });

/** Any of the secrets in any spelling, or an ending of one. */
const FORBIDDEN = [
  ...[KEY, WRONG, GUEST, TOKEN].flatMap((secret) => [
    ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    ...['base64', 'base64url'].map((coding) =>
      Buffer.from(secret)
        .toString(coding === 'base64' ? 'base64' : 'base64url')
        .replace(/=+$/, ''),
    ),
  ]),
  ...['sentinel', 'of-the', TOKEN.slice(3)],
];

/** A server that repeats what it knows wherever it can. */
const talkative: Responder = async ({ text }) => {
  const said = `${KEY} ${TOKEN} {host}/chat?auth=${TOKEN} at /srv/data`;
  if (text === 'fail') return { ...answers('Half'), error: { message: said, file: said } };
  if (text === 'throw') throw new Error(said);
  return answers(`Echo: ${text}`);
};

suite('secrets', function () {
  this.timeout(30_000);

  test('no key and no token is shown, saved or logged in the whole story of a server', async () => {
    const server = await RocketRideServer.start({
      key: KEY,
      accounts: [{ key: GUEST, userId: 'guest', permissions: ['task.control', 'task.data', 'task.monitor'] }],
      answer: talkative,
    });
    const seen: string[] = [];
    const logged: string[] = [];
    const see = (what: unknown) => seen.push(typeof what === 'string' ? what : JSON.stringify(what));
    const log = (message: string, cause?: unknown) => {
      const error = cause instanceof Error ? `${cause.stack} ${JSON.stringify(cause)}` : JSON.stringify(cause);
      logged.push(`${message} ${error} ${cause}`);
    };
    const ends: (() => Promise<unknown>)[] = [];
    let key = WRONG;
    const open = () => {
      const { url } = server;
      const opened = openServer(
        { url, name: 'the server', credential: async () => key, isWatched: () => true },
        { log, clientVersion: '1' },
      );
      opened.onDidChange((state) => see(state));
      ends.unshift(() => opened.dispose());
      return opened;
    };
    const windowOn = (opened: Server) => {
      const window = new TestWindow(opened.files);
      ends.unshift(async () => window.close());
      return { window, context: { ...window.context(), ...remoteTarget(PIPELINE_ID), engine: opened.engine } };
    };
    const tell = async (work: Promise<unknown>) => {
      const error = await chatErrorOf(() => work);
      see(error.toShape());
      return error;
    };
    const ask = async (chat: Conversation, text: string, context: ReturnType<typeof windowOn>['context']) => {
      chat.onDidStream(see);
      const id = await chat.send(text, context);
      await until(chat, () => chat.turns.some((turn) => turn.id === id && turn.state !== 'running'));
      see(chat.turns);
      return chat.turns.find((turn) => turn.id === id);
    };

    // A wrong key, of which the server speaks.
    server.traps.refuse = ({ command, args }) =>
      command === 'auth' && args.auth === WRONG ? `Invalid API key ${WRONG} for ${TOKEN}` : undefined;
    const opened = open();
    assert.equal((await tell(opened.files.list(''))).code, 'server-refused');
    key = KEY;
    opened.connect();

    // Questions that are answered, that fail and that are refused.
    const { window, context } = windowOn(opened);
    const chat = window.open(randomUUID());
    assert.equal((await ask(chat, 'Hello', context))?.state, 'done');
    for (const text of ['fail', 'throw']) assert.equal((await ask(chat, text, context))?.state, 'failed');
    const [task] = server.tasks.all;
    server.broadcast('apaevt_status_update', {
      ...{ project_id: PIPELINE_ID, source: 'chat_1', state: 2, status: `Chat ready ${TOKEN}`, errors: [KEY] },
      ...{
        notes: [{ 'token-key': TOKEN, 'auth-key': TOKEN, 'button-link': `{host}/chat?auth=${TOKEN}` }],
        __id: task?.id,
      },
    });
    see((await opened.engine.runs?.publicToken(context)) ?? '');
    for (const command of ['rrext_process', 'rrext_get_task_status', 'rrext_monitor', 'rrext_store', 'execute']) {
      // What is not closed would stay locked for as long as the session lives.
      server.traps.refuse = (frame) =>
        frame.command === command && frame.subcommand !== 'fs_close' ? `Failed with ${KEY} and ${TOKEN}` : undefined;
      await ask(chat, `refused ${command}`, context).catch((error: unknown) => see(ChatError.from(error).toShape()));
      see(chat.turns);
    }
    server.traps.refuse = undefined;

    // What no client understands, one in the place of each event.
    const frames = [`${KEY} ${TOKEN}`, JSON.stringify({ type: 'event', [KEY]: TOKEN })];
    server.traps.replacesFrame = ({ command }) => (command === 'apaext_account' ? frames.shift() : undefined);
    for (let count = 1; count <= 3; count += 1) server.broadcast('apaext_account', { [KEY]: TOKEN });

    // A restart, and a guest who may save nothing.
    await server.restart();
    assert.equal((await ask(chat, 'And again', context))?.state, 'done');
    key = GUEST;
    const guest = open();
    const { window: guests, context: guestContext } = windowOn(guest);
    assert.equal((await tell(guests.open().send('Save me', guestContext))).code, 'server-forbidden');
    see(await window.store.list());

    for (const end of ends) await end();
    seen.push(...window.logged, ...guests.logged);
    for (const entry of await readdir(server.folder, { recursive: true, withFileTypes: true })) {
      see(entry.name);
      if (entry.isFile()) see(await readFile(join(entry.parentPath, entry.name), 'utf8'));
    }
    await server.stop();

    assert.ok(
      logged.some((text) => text.includes('/srv/data')),
      'the log is heard',
    );
    for (const text of seen) assert.ok(!text.includes('/srv'), text);
    for (const text of [...seen, ...logged])
      for (const secret of FORBIDDEN) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  });
});
