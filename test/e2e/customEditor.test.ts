import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';
import { findFrame } from '../support/findFrame.ts';
import { projectPaths } from '../support/projectPaths.ts';

suite("a chat beside another extension's editor", function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let window: ChatPage;

  suiteSetup(async () => {
    world = await ChatWorld.start({ otherExtensions: [join(projectPaths.root, 'test/fixtures/custom-editor')] });
    window = await world.openWindow();
  });
  suiteTeardown(() => world.close());
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
  });

  test('the canvas keeps the pipeline files, and our button is in its title', async () => {
    await window.openPipeline('assistant.pipe');
    await findFrame(window.page, 'h1:text("Canvas")', { at: 0, limitMs: 20_000 });
    await window.openChatBeside();
    await window.ask('Hello over there');
    await window.waitForAnswer('scripted demo model');
    assert.ok(existsSync(join(world.workspace, '.chats/catalog.json')));
  });

  test('unsaved changes on the canvas are noticed, and Save and Send saves them', async () => {
    const before = readFileSync(join(world.workspace, 'assistant.pipe'), 'utf8');
    await window.runCommand('Fixture: Move a Node');
    const frame = await window.chatFrame();
    await window.type('With the moved node');
    await frame.getByRole('button', { name: 'Save and Send' }).click();
    await window.waitForAnswer('With the moved node');
    assert.equal(readFileSync(join(world.workspace, 'assistant.pipe'), 'utf8'), `${before}\n`);
  });

  test('New Chat from the palette takes the pipeline of the active canvas', async () => {
    await window.page.locator('.tab[data-resource-name="assistant.pipe"]').click();
    await window.runCommand('Pipeline Chat: New Chat');
    const frame = await window.chatFrame();
    await frame.getByText('Ask Assistant').first().waitFor();
    await frame.locator('article.turn').first().waitFor({ state: 'detached' });
  });
});
