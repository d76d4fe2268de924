import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import { TestWindow, until } from '../support/chatFixture.ts';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';
import { findFrame } from '../support/findFrame.ts';
import { projectPaths } from '../support/projectPaths.ts';
import { QuickInput } from '../support/quickInput.ts';

suite('the commands around storage', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let window: ChatPage;
  let quick: QuickInput;
  const file = (...parts: string[]) => join(world.workspace, ...parts);
  const read = (...parts: string[]) => readFileSync(file(...parts), 'utf8');
  const fixture = join(projectPaths.root, 'test/fixtures/typescript/.chats');
  const pipelineId = (name: string): string => JSON.parse(read(name)).project_id;

  suiteSetup(async () => {
    world = await ChatWorld.start();
  });
  suiteTeardown(() => world.close());
  setup(() => world.resetWorkspace());
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
    await world.closeWindows();
  });

  /** Puts a chat on disk as an earlier window would have; returns its id. */
  async function saveChat(pipelineId: string, ...texts: string[]): Promise<string> {
    const earlier = new TestWindow(file('.chats'));
    earlier.engine.isEchoing = true;
    const chat = earlier.open();
    for (const text of texts) {
      await chat.send(text, { ...earlier.context(), pipelineId });
      await until(chat, () => !chat.isRunning);
    }
    earlier.close();
    return chat.chatId;
  }

  async function openWindow(): Promise<void> {
    window = await world.openWindow();
    quick = new QuickInput(window.page);
  }

  test('chats of a pipeline whose id is gone are given to another from the tree, and back by Undo', async () => {
    const id = await saveChat('9d7009f4-0000-4000-8000-000000000000', 'Left behind');
    await openWindow();
    await window.showTree();
    const group = window.treeRow('Pipeline Pipeline not found');
    await group.hover();
    await group.getByRole('button', { name: 'Relink Chats…' }).click();
    await quick.asks('Give 1 chat of 9d7009f4 to which pipeline?');
    await quick.pick('assistant');
    const shown = await window.notification('Gave 1 chat to assistant.');
    await window.treeRow('Pipeline assistant, 1 chat').waitFor();
    await shown.getByRole('button', { name: 'Undo' }).click();
    await group.waitFor();
    assert.match(read('.chats', id, 'meta.jsonl'), /\n\{"pipeline_id":"9d7009f4-0000-4000-8000-000000000000"\}\n$/);
  });

  test('an empty panel offers the chats that lost their pipeline', async () => {
    await saveChat('old/assistant.pipe', 'Left behind');
    await openWindow();
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    const frame = await window.chatFrame();
    await frame.getByText('1 saved chat has lost its pipeline').first().waitFor();
    await frame.getByRole('button', { name: 'Relink Chats…' }).click();
    await quick.asks('1 chat whose pipeline is not in this window');
    await quick.pick('old/assistant.pipe');
    await (await window.chatRow('Left behind')).waitFor();
    await frame.getByText('1 saved chat has lost its pipeline').first().waitFor({ state: 'detached' });
  });

  test('chats that are kept under a path come along when their pipeline is renamed', async () => {
    writeFileSync(file('echo.pipe'), read('echo.pipe').replace(/ *"project_id": "[^"]*",?\n/, ''));
    const id = await saveChat('echo.pipe', 'Kept under a path');
    await openWindow();
    await window.openPipeline('echo.pipe');
    await window.page.locator('.explorer-folders-view [role="treeitem"][aria-label^="echo.pipe"]').click();
    await window.page.keyboard.press('F2');
    const box = window.page.locator('.explorer-folders-view input');
    await box.fill('parrot.pipe');
    await box.press('Enter');
    await window.notification('1 chat came along to parrot.pipe.');
    assert.match(read('.chats', id, 'meta.jsonl'), /\{"pipeline_id":"parrot\.pipe"\}\n$/);
  });

  test('a copied pipeline gets its own id, and the chats stay with the other', async () => {
    mkdirSync(file('copies'));
    writeFileSync(file('copies', 'copied.pipe'), read('assistant.pipe'));
    await saveChat(pipelineId('assistant.pipe'), 'Of the first');
    await openWindow();
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    const frame = await window.chatFrame();
    await window.waitForQuestion('Of the first');
    const before = read('copies', 'copied.pipe');
    await frame.getByRole('button', { name: 'Give This Pipeline Its Own ID' }).click();
    await frame.getByText('has the same project_id').first().waitFor({ state: 'detached' });
    await frame.locator('article.turn').waitFor({ state: 'detached' });
    assert.equal(read('copies', 'copied.pipe'), before);
    assert.notEqual(JSON.parse(read('assistant.pipe')).project_id, JSON.parse(before).project_id);
    await window.showTree();
    await window.treeRow('Pipeline copied, 1 chat').waitFor();
  });

  test('sharing in git says who can read, then writes both files; and there is a way back', async function () {
    // Under a test driver 1.103 refuses to show any modal dialog, so there can be no yes.
    if (process.env.PIPELINE_CHAT_VSCODE === '1.103') this.skip();
    await saveChat('echo.pipe', 'To be shared');
    await openWindow();
    await quick.start('Share Chats in Git');
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: 'everybody who can read the repository' });
    await dialog.waitFor();
    assert.equal(read('.chats', '.gitignore'), '*\n');
    await dialog.getByRole('button', { name: 'Share' }).click();
    await window.notification('Git sees the chats in .chats now.');
    assert.match(read('.chats', '.gitignore'), /^catalog\.json$/m);
    assert.match(read('.chats', '.gitattributes'), /^chat\.jsonl .*merge=union$/m);
    await quick.start('Keep Chats out of Git');
    await window.notification('Git does not see new chats in .chats any more.');
    assert.equal(read('.chats', '.gitignore'), '*\n');
  });

  test('damage is found, told, repaired with a backup, and then there is none', async () => {
    const id = await saveChat('echo.pipe', 'Whole', 'Torn next');
    await saveChat('echo.pipe', 'Not listed');
    appendFileSync(file('.chats', id, 'chat.jsonl'), '{"type":"turn","seq":3,"quest');
    writeFileSync(file('.chats', 'catalog.json'), read('.chats', 'catalog.json').slice(0, 200));
    const torn = read('.chats', id, 'chat.jsonl');
    await openWindow();
    await quick.start('Check Saved Chats');
    let shown = await window.notification(/2 chats, 3 turns, .* to repair.* Repairing makes a backup first\./);
    await shown.getByRole('button', { name: 'Show Report' }).click();
    const report = await findFrame(window.page, '.markdown-body h1', { at: 0, limitMs: 20_000 });
    await report.getByText('The last line was not written to its end').first().waitFor();
    shown = await window.notification(/ to repair/);
    await shown.getByRole('button', { name: 'Repair' }).click();
    await window.notification(/things? .* repaired\. What was there before is in \.chats\/\.backup\//);
    assert.equal(read('.chats', id, 'chat.jsonl'), `${torn}\n`);
    const [backup = ''] = readdirSync(file('.chats', '.backup'));
    assert.equal(read('.chats', '.backup', backup, id, 'chat.jsonl'), torn);
    await quick.start('Check Saved Chats');
    await window.notification(/2 chats, 3 turns, .*: nothing to repair, /);
  });

  test('a copy of a chat is opened, with the same turns under an id of its own', async () => {
    const id = await saveChat(pipelineId('assistant.pipe'), 'To be copied', 'With a second turn');
    await openWindow();
    await quick.start('Duplicate Chat');
    await quick.pick('To be copied');
    await window.waitForQuestion('With a second turn');
    await (await window.chatRow('To be copied (copy)')).waitFor();
    const ids = readdirSync(file('.chats')).filter((name) => name.length === 36);
    assert.equal(ids.length, 2);
    const copy = ids.find((name) => name !== id) ?? '';
    assert.match(read('.chats', copy, 'chat.jsonl'), /To be copied.*\n.*\n.*With a second turn/);
    assert.equal(read('.chats', copy, 'chat.jsonl').includes(id), false);
  });

  test('a folder of chats is imported, each under the pipeline that it names', async () => {
    await openWindow();
    await quick.start('Import Chats…');
    await quick.asks('Import what?');
    await quick.pick('A folder of chats');
    await quick.asks('Import Chats');
    await quick.enterPath(fixture);
    await window.notification('3 chats imported.');
    await window.showTree();
    await window.treeRow('Pipeline Pipeline not found').first().waitFor();
    assert.equal(JSON.parse(read('.chats', 'catalog.json')).chats.length, 3);
  });

  test('one transcript of an unknown pipeline goes to the one that the user is at', async () => {
    await openWindow();
    await window.openPipeline('assistant.pipe');
    await quick.start('Import Chats…');
    await quick.pick('One transcript');
    await quick.asks('Import Chats');
    const [name = ''] = readdirSync(fixture).filter((entry) => entry.length === 36);
    await quick.enterPath(join(fixture, name, 'chat.jsonl'));
    await window.notification('1 chat imported.');
    await window.showTree();
    await window.treeRow('Pipeline assistant, 1 chat').waitFor();
  });

  test('a text is removed from a chat and its open panel, and from all others', async function () {
    // Under a test driver 1.103 refuses to show any modal dialog, so there can be no yes.
    if (process.env.PIPELINE_CHAT_VSCODE === '1.103') this.skip();
    const id = await saveChat(pipelineId('assistant.pipe'), 'My key is hunter-2-secret');
    const other = await saveChat('echo.pipe', 'Also hunter-2-secret');
    await openWindow();
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await window.waitForQuestion('My key is hunter-2-secret');
    await quick.start('Remove Text from Chats…');
    await quick.asks('Remove Text from Chats');
    await quick.enter('hunter-2-secret');
    await quick.asks('Remove it from where?');
    await quick.pick('This chat');
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: 'Remove this text from' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await window.notification(/Removed from \d+ places in \d files?\./);
    await window.waitForQuestion('My key is [removed]');
    assert.equal(read('.chats', id, 'chat.jsonl').includes('hunter'), false);
    assert.equal(read('.chats', other, 'chat.jsonl').includes('hunter-2-secret'), true, 'the other was not meant');
    await window.runCommand('Notifications: Clear All Notifications');
    await quick.start('Remove Text from Chats…');
    await quick.enter('hunter-2-secret');
    await quick.pick('All chats');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await window.notification(/Removed from \d+ places in [2-9] files\./);
    assert.equal(read('.chats', other, 'chat.jsonl').includes('hunter'), false);
    assert.equal(read('.chats', 'catalog.json').includes('hunter'), false);
  });

  test('sizes are shown largest first, deleted chats among the sum, and open what is picked', async () => {
    await saveChat('echo.pipe', 'A small one');
    await saveChat('echo.pipe', `Large: ${'x'.repeat(5000)}`, 'And more');
    const deleted = await saveChat('echo.pipe', 'y'.repeat(3000));
    mkdirSync(file('.chats', '.trash'));
    renameSync(file('.chats', deleted), file('.chats', '.trash', deleted));
    await openWindow();
    await quick.start('Show Chat Sizes');
    await quick.asks(/2 chats, \d+ kB in all \(\d.* of it deleted chats\)/);
    const labels = await quick.rows.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
    assert.match(labels[0] ?? '', /^Large: x.*\d kB.*Pipeline not found · 2 turns/);
    assert.match(labels[1] ?? '', /^A small one.*1 turn/);
    await quick.pick('A small one');
    await window.waitForQuestion('A small one');
  });

  test('the chat folder is revealed', async () => {
    await saveChat('echo.pipe', 'Somewhere');
    await openWindow();
    await quick.start('Reveal Storage');
    await window.page.locator('.explorer-folders-view [role="treeitem"][aria-label^=".chats"]').waitFor();
  });
});
