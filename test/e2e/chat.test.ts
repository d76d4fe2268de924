import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';

/** What no page, file or message may hold. */
const KEY = 'sk-sentinel-0123456789abcdef';

let world: ChatWorld;
let window: ChatPage;

function workspaceFile(...parts: string[]): string {
  return join(world.workspace, ...parts);
}

function chatFolders(): string[] {
  return existsSync(workspaceFile('.chats'))
    ? readdirSync(workspaceFile('.chats')).filter((name) => /^[0-9a-f]{8}-/.test(name))
    : [];
}

function transcript(id = chatFolders()[0] ?? ''): Record<string, unknown>[] {
  return readFileSync(workspaceFile('.chats', id, 'chat.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function changePipeline(name: string, change: (text: string) => string): void {
  writeFileSync(workspaceFile(name), change(readFileSync(workspaceFile(name), 'utf8')));
}

async function openAssistant(page = window): Promise<void> {
  await page.openPipeline('assistant.pipe');
  await page.openChatBeside();
}

suite('a chat beside a pipeline', function () {
  this.timeout(120_000);

  suiteSetup(async () => {
    world = await ChatWorld.start({ env: { ROCKETRIDE_E2E_KEY: KEY } });
  });
  suiteTeardown(() => world.close());
  setup(async () => {
    world.resetWorkspace();
    window = await world.openWindow();
  });
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
    await world.closeWindows();
  });

  test('the answer streams in, is on disk, and is there after a reload', async () => {
    await openAssistant();
    await window.ask('What is a pipeline?');
    await window.waitForAnswer('scripted demo model');
    assert.deepEqual(
      transcript().map(({ type }) => type),
      ['header', 'ask', 'turn'],
    );
    await window.reload();
    await window.waitForQuestion('What is a pipeline?');
    await window.waitForAnswer('scripted demo model');
    await window.ask('And what else?');
    await window.waitForAnswer('And what else?');
    assert.equal(chatFolders().length, 1, 'the chat was resumed');
    const messages = world.model.requests.at(-1)?.body.messages ?? [];
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['system', 'user', 'assistant', 'user'],
    );
  });

  test('an answer cut off by a crash is interrupted, and Retry asks again in its place', async () => {
    await openAssistant();
    await window.ask('Be slow');
    await window.waitForStreaming();
    const folder = workspaceFile('.chats', chatFolders()[0] ?? '');
    while (!readdirSync(folder).some((name) => /^partial-.*\.json$/.test(name))) await window.page.waitForTimeout(50);
    await world.crash(window);
    await window.waitForQuestion('Be slow');
    const frame = await window.chatFrame();
    await frame.getByText('The window closed before the answer was complete').first().waitFor();
    await frame.locator('article.turn .answer', { hasText: 'word-1' }).waitFor();
    await frame.getByRole('button', { name: 'Retry' }).click();
    await window.waitForStreaming();
    await frame.getByRole('button', { name: 'Stop' }).click();
    await frame.getByText('Stopped', { exact: true }).waitFor();
    assert.equal(await frame.locator('article.turn').count(), 1, 'the new try takes the place of the old');
    assert.deepEqual(
      transcript().map(({ type }) => type),
      ['header', 'ask', 'ask', 'cancel'],
    );
  });

  test('a second window sees turns and renames of the first within a second', async () => {
    await openAssistant();
    await window.ask('First question');
    await window.waitForAnswer('First question');
    const other = await world.openWindow();
    await openAssistant(other);
    await other.waitForQuestion('First question');
    await window.ask('Second question');
    await window.waitForAnswer('Second question');
    const started = performance.now();
    await other.waitForQuestion('Second question');
    assert.ok(performance.now() - started < 1000);
    await window.renameChat('First question', 'Seen by both');
    await (await other.chatRow('Seen by both')).waitFor({ timeout: 1000 });
    await other.ask('Third question');
    await other.waitForAnswer('Third question');
    await window.waitForQuestion('Third question');
    assert.deepEqual(
      transcript().flatMap(({ type, seq }) => (type === 'turn' ? [seq] : [])),
      [1, 2, 3],
    );
  });

  test('with saving off nothing is written until one click turns it on', async () => {
    changePipeline('assistant.pipe', (text) => text.replace('"persistSessions": true', ''));
    await openAssistant();
    await window.ask('Not saved yet');
    await window.waitForAnswer('Not saved yet');
    assert.equal(existsSync(workspaceFile('.chats')), false);
    const frame = await window.chatFrame();
    await frame.getByRole('button', { name: 'Save Chats of This Pipeline' }).click();
    await window.chatRow('Not saved yet').then((row) => row.waitFor());
    assert.match(readFileSync(workspaceFile('assistant.pipe'), 'utf8'), /"persistSessions": true/);
    assert.deepEqual(
      transcript().map(({ type }) => type),
      ['header', 'ask', 'turn'],
    );
  });

  test('a model that answers with an error leaves the question, a sentence and Retry', async () => {
    await openAssistant();
    await window.ask('Give me an error');
    const frame = await window.chatFrame();
    await frame.locator('article.turn', { hasText: 'HTTP 500' }).waitFor();
    await frame.getByRole('button', { name: 'Retry' }).waitFor();
    await window.waitForQuestion('Give me an error');
    assert.equal(transcript().at(-1)?.type, 'fail');
  });

  test('a pipeline that is no JSON says where, and is used again once it is mended', async () => {
    const good = readFileSync(workspaceFile('assistant.pipe'), 'utf8');
    await openAssistant();
    const frame = await window.chatFrame();
    await window.type('My careful question');
    writeFileSync(workspaceFile('assistant.pipe'), good.replace('"components": [', '"components": ['.slice(0, -1)));
    await frame
      .getByText(/is no JSON|not JSON|JSON/)
      .first()
      .waitFor();
    assert.equal(await window.composerText(), 'My careful question');
    writeFileSync(workspaceFile('assistant.pipe'), good);
    await frame.getByRole('button', { name: 'Send' }).click();
    await window.waitForAnswer('My careful question');
  });

  test('unsaved changes of the pipeline offer Save and Send', async () => {
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await window.page.locator('.tab[data-resource-name="assistant.pipe"]').click();
    await window.page.keyboard.press('ControlOrMeta+End');
    await window.page.keyboard.type(' ');
    await window.type('Sent with the saved file');
    const frame = await window.chatFrame();
    await frame.getByRole('button', { name: 'Save and Send' }).click();
    await window.waitForAnswer('Sent with the saved file');
    assert.match(readFileSync(workspaceFile('assistant.pipe'), 'utf8'), / $/);
  });

  test('a key goes to its host only after a yes, and into no page and no file', async function () {
    // Under a test driver 1.103 refuses to show any modal dialog, so there can be no yes.
    if (process.env.PIPELINE_CHAT_VSCODE === '1.103') this.skip();
    changePipeline('assistant.pipe', (text) => text.replace('"apikey": ""', '"apikey": "${ROCKETRIDE_E2E_KEY}"'));
    await openAssistant();
    await window.ask('With a key');
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: 'ROCKETRIDE_E2E_KEY' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const frame = await window.chatFrame();
    await frame.getByText('ROCKETRIDE_E2E_KEY was not sent').first().waitFor();
    assert.equal(
      world.model.requests.some(({ headers }) => headers.authorization),
      false,
    );
    await frame.getByRole('button', { name: 'Retry' }).click();
    await dialog.getByText(`http://127.0.0.1:${world.model.port}`).first().waitFor();
    await dialog.getByRole('button', { name: 'Send Key' }).click();
    await window.waitForAnswer('scripted demo model');
    assert.equal(world.model.requests.at(-1)?.headers.authorization, `Bearer ${KEY}`);
    assert.equal((await frame.content()).includes(KEY), false);
    for (const file of readdirSync(world.workspace, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
      if (file.isFile()) assert.equal(readFileSync(join(file.parentPath, file.name), 'utf8').includes(KEY), false);
    }
  });

  test('a key that nobody has set is asked for by name', async () => {
    changePipeline('assistant.pipe', (text) => text.replace('"apikey": ""', '"apikey": "${ROCKETRIDE_NOBODY}"'));
    await openAssistant();
    await window.ask('Without a key');
    const frame = await window.chatFrame();
    await frame.getByText('ROCKETRIDE_NOBODY, which has no value').first().waitFor();
    await frame.getByRole('button', { name: 'Set Model Key…' }).click();
    await window.page.getByText('Set Model Key (1/2)').waitFor();
  });

  test('a pipeline without an id is offered one, and its chats come along', async () => {
    changePipeline('assistant.pipe', (text) => text.replace(/ *"project_id": "[^"]*",\n/, ''));
    await openAssistant();
    await window.ask('Kept under a path');
    await window.waitForAnswer('scripted demo model');
    const frame = await window.chatFrame();
    await frame.getByRole('button', { name: 'Add an ID' }).click();
    await frame.getByText('has no project_id').first().waitFor({ state: 'detached' });
    const { project_id } = JSON.parse(readFileSync(workspaceFile('assistant.pipe'), 'utf8'));
    await (await window.chatRow('Kept under a path')).waitFor();
    const catalog = JSON.parse(readFileSync(workspaceFile('.chats', 'catalog.json'), 'utf8'));
    assert.equal(catalog.chats[0].pipeline_id, project_id);
  });

  test('deleting takes two clicks, and the next chat is a new one', async () => {
    await openAssistant();
    await window.ask('To be deleted');
    await window.waitForAnswer('To be deleted');
    await window.deleteChat('To be deleted');
    assert.deepEqual(chatFolders(), []);
    assert.equal(readdirSync(workspaceFile('.chats', '.trash')).length, 1);
  });
});
