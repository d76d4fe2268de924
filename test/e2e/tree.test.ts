import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';

suite('the tree of saved chats', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let window: ChatPage;
  const row = (name: string) => window.page.locator(`.sidebar [role="treeitem"][aria-label^="${name}"]`);

  suiteSetup(async () => {
    world = await ChatWorld.start();
    window = await world.openWindow();
  });
  suiteTeardown(() => world.close());
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
  });

  test('says how to begin when there are no chats', async () => {
    await window.page.locator('.activitybar [aria-label^="Pipeline Chat"]').first().click();
    await window.page.getByText('No saved chats yet').waitFor();
  });

  test('has the chats by pipeline, that of the active editor first and open', async () => {
    for (const name of ['echo.pipe', 'assistant.pipe']) {
      await window.openPipeline(name);
      await window.openChatBeside();
      await window.ask(`Asked of ${name}`);
      await window.waitForAnswer(`Asked of ${name}`);
    }
    await window.page.locator('.activitybar [aria-label^="Pipeline Chat"]').first().click();
    await row('Chat Asked of assistant.pipe').waitFor();
    const names = await window.page
      .locator('.sidebar [role="treeitem"]')
      .evaluateAll((rows) => rows.map((element) => element.getAttribute('aria-label')));
    assert.deepEqual(names, [
      'Pipeline assistant, 1 chat',
      'Chat Asked of assistant.pipe, 1 turn',
      'Pipeline echo, 1 chat',
    ]);
  });

  test('opens a chat with a click', async () => {
    await window.runCommand('Pipeline Chat: New Chat');
    const frame = await window.chatFrame();
    await frame.locator('article.turn').waitFor({ state: 'detached' });
    await row('Chat Asked of assistant.pipe').click();
    await window.waitForQuestion('Asked of assistant.pipe');
  });

  test('follows a rename from the palette', async () => {
    const widget = window.page.locator('.quick-input-widget');
    const input = widget.locator('input[type="text"]');
    await window.page.keyboard.press('F1');
    await input.fill('>Pipeline Chat: Rename Chat…');
    await widget.locator('.monaco-list-row', { hasText: 'Rename Chat…' }).first().click();
    await widget.getByText('Rename Chat', { exact: true }).waitFor();
    await input.fill('Named by hand');
    await input.press('Enter');
    await row('Chat Named by hand').waitFor();
  });
});
