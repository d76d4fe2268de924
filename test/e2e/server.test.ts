import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';
import { QuickInput } from '../support/quickInput.ts';
import { RocketRideServer } from '../support/rocketRideServer/rocketRideServer.ts';
import type { VsCodeServerOptions } from '../support/vscodeServer.ts';

const KEY = 'secret-key-of-the-test';

suite('chats that are kept on a server', function () {
  this.timeout(120_000);
  let server: RocketRideServer;
  let world: ChatWorld;
  let window: ChatPage;
  let quick: QuickInput;

  suiteSetup(async () => {
    server = await RocketRideServer.start({ key: KEY });
    world = await ChatWorld.start({ settings: { 'pipelineChat.storage': 'server' } });
    window = await world.openWindow();
    quick = new QuickInput(window.page);
  });
  suiteTeardown(async () => {
    await world.close();
    await server.stop();
  });
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
  });

  const status = (text: string | RegExp) => window.page.locator('.statusbar-item', { hasText: text }).first();
  const host = () => new URL(server.url).host;
  const enterKey = async (key: string) => {
    await quick.asks(`Key of ${host()}`);
    await window.page.keyboard.type(key);
    await window.page.keyboard.press('Enter');
  };
  const notice = async (text: string) => (await window.chatFrame()).locator('.notice', { hasText: text }).first();
  const chatsOnDisk = () => {
    const folder = join(world.workspace, '.chats');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.length === 36) : [];
  };

  test('without a server the panel says so, and offers to connect', async () => {
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    const told = await notice('No RocketRide server is set');
    await told.getByRole('button', { name: 'Connect to Server…' }).click();
    await quick.enter('no address at all');
    await quick.asks('This is no address of a server');
    await quick.enter(server.url);
    await quick.pick('All windows');
    await enterKey('wrong');
    await (await notice('does not accept the key')).waitFor();
    await status(`${host()}: refused`).waitFor();
  });

  test('another key connects at once', async () => {
    await (await notice('does not accept the key')).getByRole('button', { name: 'Set Server Key…' }).click();
    await enterKey(KEY);
    await (await notice('does not accept the key')).waitFor({ state: 'detached' });
    await status(new RegExp(`${host()}$`)).waitFor();
  });

  test('the pipeline runs on the server, the chat is there, and nothing of it is in the folder', async () => {
    await window.ask('Kept far away');
    await window.waitForAnswer('Echo: Kept far away');
    await window.showTree();
    await window.treeRow('Chat Kept far away').waitFor();
    assert.deepEqual(chatsOnDisk(), []);
  });

  test('an edited pipeline is restarted on the server when the user says so', async () => {
    const file = join(world.workspace, 'assistant.pipe');
    writeFileSync(file, readFileSync(file, 'utf8').replace('a few clear sentences', 'one sentence'));
    const told = await notice('runs an earlier version');
    await told.getByRole('button', { name: 'Restart with Changes' }).click();
    await told.waitFor({ state: 'detached' });
    assert.match(JSON.stringify(server.requests.map(({ args }) => args)), /one sentence/);
  });

  test("the address of the server's chat page has the public key", async () => {
    await quick.start('Copy Server Chat Address');
    await window.notification('Whoever has this address can ask Assistant');
  });

  test('while the server is away its chats stay listed, as they were last, and it is tried again', async () => {
    await server.goDown();
    await status(/retry/).waitFor();
    await (await notice('are listed as they were last')).waitFor();
    assert.ok(await window.treeRow('Chat Kept far away').isVisible());
    await server.comeUp();
    await (await notice('are listed as they were last')).waitFor({ state: 'detached' });
  });

  test('a chat can be moved beside its pipeline, where the panel goes on showing it', async () => {
    await window.chooseFromMenu('Chat Kept far away', 'Move Chats to');
    await quick.asks('Move 1 chat to which place?');
    await quick.pick('.chats');
    await window.notification('1 chat moved to');
    assert.equal(chatsOnDisk().length, 1);
    await (await notice('1 of these chats is kept in another place')).waitFor();
    await window.ask('And here');
    await window.waitForAnswer('Echo: And here');
    assert.equal(chatsOnDisk().length, 1);
  });
});

suite('who may use a server', function () {
  this.timeout(120_000);
  let server: RocketRideServer;
  let world: ChatWorld;
  let window: ChatPage;

  async function open(options: VsCodeServerOptions, workspaceSettings: Readonly<Record<string, unknown>>) {
    world = await ChatWorld.start(options);
    mkdirSync(join(world.workspace, '.vscode'));
    writeFileSync(join(world.workspace, '.vscode', 'settings.json'), JSON.stringify(workspaceSettings));
    window = await world.openWindow();
  }

  suiteSetup(async () => {
    const permissions = ['task.control', 'task.data', 'task.monitor'] as const;
    server = await RocketRideServer.start({ accounts: [{ key: 'guest', userId: 'guest', permissions }] });
  });
  suiteTeardown(() => server.stop());
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
    await world.close();
  });

  test('a workspace that is not trusted can not name one', async () => {
    await open(
      { isTrusted: false, env: { ROCKETRIDE_APIKEY: server.key } },
      { 'pipelineChat.engine': 'server', 'pipelineChat.server.url': server.url },
    );
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await (await window.chatFrame()).getByText('only in a trusted workspace').waitFor();
    await window.showTree();
    await window.page.getByText('No saved chats yet').waitFor();
    assert.deepEqual(server.requests, []);
  });

  test('with a key that allows no saving one can ask, and save here', async () => {
    await open(
      { env: { ROCKETRIDE_APIKEY: 'guest' } },
      { 'pipelineChat.engine': 'server', 'pipelineChat.server.url': server.url },
    );
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await window.ask('Gone with the window');
    await window.waitForAnswer('Echo: Gone with the window');
    await window.reload();
    await window.ask('As a guest');
    await window.waitForAnswer('Echo: As a guest');
    const told = (await window.chatFrame()).locator('.notice', { hasText: 'does not allow chats to be kept' });
    await told.getByRole('button', { name: 'Save Locally' }).click();
    await told.waitFor({ state: 'detached' });
    await (await window.chatRow('As a guest')).waitFor();
    assert.match(readFileSync(join(world.workspace, '.chats', 'catalog.json'), 'utf8'), /As a guest/);
  });

  test('a window that is loaded anew logs out, and its panel is drawn before the server can be asked', async () => {
    await open(
      { env: { ROCKETRIDE_APIKEY: server.key } },
      { 'pipelineChat.engine': 'server', 'pipelineChat.server.url': server.url },
    );
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await window.ask('Still there');
    await window.waitForAnswer('Echo: Still there');
    await window.reload();
    await window.waitForQuestion('Still there');
    assert.ok(server.requests.some(({ command }) => command === 'deauth'));
    await server.goDown();
    await window.reload();
    const frame = await window.chatFrame();
    await frame.locator('.transcript .skeleton').waitFor();
    await frame.getByText("The chats on the server can't be listed now.").waitFor();
    await window.screenshot('server away after reload');
    await server.comeUp();
    await window.waitForQuestion('Still there');
    await (await window.chatRow('Still there')).waitFor();
  });
});
