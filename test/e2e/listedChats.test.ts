import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';
import { ChatWriter } from '../support/chatWriter.ts';

suite('the lists of chats', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let writer: ChatWriter;
  let window: ChatPage;
  const inWorkspace = (...path: string[]) => join(world.workspace, ...path);

  suiteSetup(async () => {
    world = await ChatWorld.start();
  });
  suiteTeardown(() => world.close());
  setup(() => {
    world.resetWorkspace();
    writer = new ChatWriter(world.workspace);
  });
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
    writer.close();
    await world.closeWindows();
  });

  async function openWindow(): Promise<void> {
    window = await world.openWindow();
    await window.openPipeline('assistant.pipe');
    await window.showTree();
    await window.treeRow('Pipeline assistant').waitFor();
  }

  async function panelTitles(): Promise<string[]> {
    return (await window.chatFrame()).locator('nav .row-name').allTextContents();
  }

  test('a pinned chat comes first in tree and panel, also once catalog.json is lost', async () => {
    writer.daysAgo = 2;
    await writer.write('Oldest');
    writer.daysAgo = 1;
    await writer.write('Older');
    writer.daysAgo = 0;
    await writer.write('Newest');
    await openWindow();
    await window.chooseFromMenu('Chat Oldest', 'Pin Chat');
    const pinned = ['Chat Oldest, 1 turn, pinned', 'Chat Newest, 1 turn', 'Chat Older, 1 turn'];
    await window.treeRow('Chat Oldest, 1 turn, pinned').waitFor();
    assert.deepEqual((await window.treeLabels()).slice(1), pinned);
    await window.openChatBeside();
    await window.waitForQuestion('Newest');
    assert.deepEqual(await panelTitles(), ['Oldest', 'Newest', 'Older'], 'and the newest is the one that is resumed');
    rmSync(inWorkspace('.chats/catalog.json'));
    await window.runCommand('Pipeline Chat: Refresh Chats');
    await window.reload();
    await window.waitForQuestion('Newest');
    await window.treeRow('Chat Oldest, 1 turn, pinned').waitFor();
    assert.deepEqual((await window.treeLabels()).slice(1), pinned);
    await (await window.chatRow('Oldest')).hover();
    await window.screenshot('panel pinned');
    await (await window.chatFrame()).getByRole('button', { name: 'Unpin Oldest' }).click();
    await window.treeRow('Chat Oldest, 1 turn').waitFor();
    await window.page.waitForFunction(
      () =>
        document.querySelectorAll('.sidebar [role="treeitem"]')[3]?.getAttribute('aria-label') ===
        'Chat Oldest, 1 turn',
    );
    assert.deepEqual(await panelTitles(), ['Newest', 'Older', 'Oldest']);
  });

  test('an archived chat is folded away in the tree and left out of the panel, and comes back', async () => {
    writer.daysAgo = 1;
    await writer.write('Done with');
    writer.daysAgo = 0;
    await writer.write('At hand');
    await openWindow();
    await window.openChatBeside();
    await window.waitForQuestion('At hand');
    await window.chooseFromMenu('Chat Done with', 'Archive Chat');
    await window.treeRow('Archived, 1 chat').waitFor();
    assert.deepEqual((await window.treeLabels()).slice(1), ['Chat At hand, 1 turn', 'Archived, 1 chat']);
    const frame = await window.chatFrame();
    await frame.getByText('1 archived', { exact: true }).waitFor();
    assert.deepEqual(await panelTitles(), ['At hand']);
    await window.treeRow('Archived').click();
    await window.chooseFromMenu('Chat Done with', 'Unarchive Chat');
    await window.treeRow('Archived').waitFor({ state: 'detached' });
    await (await window.chatRow('Done with')).waitFor();
  });

  test('a chat that can not be read is listed with its reason, and opens to it', async () => {
    const id = await writer.write('Was fine once');
    await writer.write('Is fine');
    rmSync(inWorkspace('.chats', id, 'chat.jsonl'));
    mkdirSync(inWorkspace('.chats', id, 'chat.jsonl'));
    await openWindow();
    const row = window.treeRow("Chat Was fine once, 1 turn, can't be read");
    await row.waitFor();
    await row.click();
    const frame = await window.chatFrame();
    await frame.getByText("This chat can't be read: ").first().waitFor();
    await frame.getByText('Nothing of it was changed. Run Check Saved Chats to see why.').waitFor();
    assert.equal(await frame.locator('textarea[readonly]').count(), 1);
    await window.screenshot('unreadable');
    await window.renameChat('Was fine once', 'Broken');
    await window.treeRow("Chat Broken, 1 turn, can't be read").waitFor();
    await window.chooseFromMenu('Chat Broken', 'Delete Chat');
    await window.treeRow('Recently Deleted, 1 chat').waitFor();
  });

  test('a list that can not be used is told in tree and panel, with the chats all the same', async () => {
    await writer.write('Listed from its folder');
    rmSync(inWorkspace('.chats/catalog.json'));
    mkdirSync(inWorkspace('.chats/catalog.json'));
    await openWindow();
    await window.treeRow('Chat Listed from its folder').waitFor();
    await window.page
      .locator('.sidebar')
      .getByText(/catalog\.json can't be used: a folder is in its place/)
      .waitFor();
    await window.openChatBeside();
    await (await window.chatFrame()).getByText(/listed from their own files until that is mended/).waitFor();
    await window.screenshot('no catalog');
  });

  test('a window that waits for another says so until it is over', async () => {
    await writer.write('Contended');
    await openWindow();
    await window.openChatBeside();
    await window.waitForQuestion('Contended');
    const frame = await window.chatFrame();
    const notice = frame.getByText('Another window is writing to these chats. Waiting for it…');
    let release = () => {};
    const held = writer.files.exclusive('.locks/catalog', () => new Promise<void>((resolve) => (release = resolve)));
    const row = await window.chatRow('Contended');
    await row.hover();
    await row.getByRole('button', { name: /^Rename/ }).click();
    const box = frame.getByRole('textbox', { name: 'Chat title' });
    await box.fill('Settled');
    await box.press('Enter');
    await notice.waitFor();
    await window.page.locator('.sidebar').getByText('Another window is writing').waitFor();
    await window.screenshot('waiting');
    release();
    await held;
    await notice.waitFor({ state: 'detached' });
    await window.treeRow('Chat Settled').waitFor();
    await window.page.locator('.sidebar').getByText('Another window is writing').waitFor({ state: 'detached' });
  });

  test('chats of the pipeline in another place are listed, with how many and where', async () => {
    mkdirSync(inWorkspace('lib'));
    copyFileSync(inWorkspace('echo.pipe'), inWorkspace('lib/lib.pipe'));
    const elsewhere = new ChatWriter(inWorkspace('lib'));
    await elsewhere.write('Kept in lib');
    elsewhere.close();
    await writer.write('Kept here');
    await openWindow();
    await window.openChatBeside();
    await (await window.chatRow('Kept in lib')).waitFor();
    await (await window.chatFrame()).getByText(/1 of these chats is kept in another place: .*lib\/\.chats\./).waitFor();
  });
});
