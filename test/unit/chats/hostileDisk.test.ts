import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setup, suite, teardown, test } from 'mocha';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { ChatFixture, type TestWindow, until } from '../../support/chatFixture.ts';
import { SmallDisk } from '../../support/smallDisk.ts';
import { treeBytes } from '../../support/treeBytes.ts';

const LONG = 'x'.repeat(60_000);

let fixture: ChatFixture;
let window: TestWindow;
let disk: SmallDisk | undefined;

setup(async () => {
  fixture = await ChatFixture.make();
});

teardown(async () => {
  disk?.unmount();
  disk = undefined;
  await fixture.clean();
});

function openWindow(): TestWindow {
  const opened = fixture.window();
  opened.engine.isEchoing = true;
  return opened;
}

/** A chat with one turn on disk, open in the window. */
async function ask(text = 'One') {
  const chat = window.open();
  await chat.send(text, window.context());
  await until(chat, () => !chat.isRunning);
  return chat;
}

async function reopen(chatId: string) {
  const chat = openWindow().open(chatId, { isSaved: true });
  await chat.refresh();
  return chat;
}

/** The lines of a transcript that are whole, by their type. */
async function types(chatId: string): Promise<unknown[]> {
  const text = await readFile(fixture.path(chatId, 'chat.jsonl'), 'utf8');
  assert.ok(text.endsWith('\n'), 'no torn tail');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line).type];
    } catch {
      return [];
    }
  });
}

suite('chats on a full disk', () => {
  setup(function () {
    disk = SmallDisk.mount(dirname(fixture.root));
    if (!disk) return this.skip();
    window = openWindow();
  });

  test('a question that does not fit is refused with the reason, and can be sent when there is space', async () => {
    const chat = await ask();
    disk?.fill(8192);
    const error = await chatErrorOf(() => chat.send(LONG, window.context()));
    assert.equal(error.code, 'storage');
    assert.match(error.message, /disk is full/);
    assert.equal(chat.isRunning, false);
    assert.deepEqual(
      (await reopen(chat.chatId)).turns.map(({ state }) => state),
      ['done'],
    );
    assert.equal((await window.store.list()).length, 1);
    disk?.free();
    await chat.send(LONG, window.context());
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(await types(chat.chatId), ['header', 'ask', 'turn', 'ask', 'turn']);
    assert.deepEqual(
      (await reopen(chat.chatId)).turns.map(({ state }) => state),
      ['done', 'done'],
    );
  });

  test('an answer that does not fit is shown with the reason, and retry saves it when there is space', async () => {
    const chat = await ask();
    window.engine.isEchoing = false;
    const turnId = await chat.send('Two', window.context());
    const asked = await window.engine.next();
    disk?.fill(8192);
    asked.answer(LONG);
    await until(chat, () => !chat.isRunning);
    const shown = chat.turns.at(-1);
    assert.equal(shown?.state, 'failed');
    assert.equal(shown?.parts[0]?.text, LONG);
    assert.match(shown?.error?.message ?? '', /disk is full.* Retry saves it/);
    assert.deepEqual(
      (await reopen(chat.chatId)).turns.map(({ question }) => question),
      ['One', 'Two'],
    );
    disk?.free();
    await chat.resolve(turnId, 'retry', async () => window.context());
    assert.equal(chat.turns.at(-1)?.state, 'done');
    assert.deepEqual(await types(chat.chatId), ['header', 'ask', 'turn', 'ask', 'turn']);
    assert.equal((await reopen(chat.chatId)).turns.at(-1)?.parts[0]?.text, LONG);
  });

  test('when the window dies with such an answer, its question is there and can be asked again', async () => {
    const chat = await ask();
    window.engine.isEchoing = false;
    const turnId = await chat.send('Two', window.context());
    const asked = await window.engine.next();
    disk?.fill(8192);
    asked.answer(LONG);
    await until(chat, () => !chat.isRunning);
    window.close();
    disk?.free();
    window = openWindow();
    const seen = window.open(chat.chatId, { isSaved: true });
    await seen.refresh();
    assert.deepEqual(
      seen.turns.map(({ state }) => state),
      ['done', 'interrupted'],
    );
    await seen.resolve(turnId, 'retry', async () => window.context());
    await until(seen, () => !seen.isRunning);
    assert.deepEqual(
      seen.turns.map(({ state, question }) => [state, question]),
      [
        ['done', 'One'],
        ['done', 'Two'],
      ],
    );
  });

  test('a first question that does not fit leaves no chat in the list, and the same chat takes it later', async () => {
    await ask();
    const chat = window.open();
    disk?.fill(16_384);
    const error = await chatErrorOf(() => chat.send(LONG, window.context()));
    assert.match(error.message, /disk is full/);
    assert.equal((await openWindow().store.list()).length, 1);
    disk?.free();
    await chat.send(LONG, window.context());
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.state, 'done');
    assert.equal((await openWindow().store.list()).length, 2);
  });

  test('chats that the list does not name yet are listed and opened', async () => {
    const chat = await ask();
    await rm(fixture.path('catalog.json'));
    disk?.fill(0);
    assert.deepEqual(
      (await openWindow().store.list()).map(({ guid }) => guid),
      [chat.chatId],
    );
    assert.deepEqual(
      (await reopen(chat.chatId)).turns.map(({ state }) => state),
      ['done'],
    );
  });

  test('a chat can be deleted', async () => {
    const chat = await ask();
    disk?.fill(0);
    await window.store.delete(chat.chatId);
    assert.deepEqual(await openWindow().store.list(), []);
  });
});

suite('chats on a read-only disk', () => {
  let chatId: string;
  let interrupted: string;

  setup(async function () {
    disk = SmallDisk.mount(dirname(fixture.root));
    if (!disk) return this.skip();
    window = openWindow();
    ({ chatId } = await ask());
    window.engine.isEchoing = false;
    const chat = window.open();
    await chat.send('Unanswered', window.context());
    interrupted = chat.chatId;
    // What a killed window leaves: no end of its ask, and its lock file, which nobody holds.
    window.store.dispose();
    await writeFile(fixture.path('.locks', `writer-${window.store.writer.id}`), '');
  });

  test('are listed and read, and a question is refused with the reason', async () => {
    disk?.makeReadOnly();
    window = openWindow();
    assert.equal((await window.store.list()).length, 2);
    const chat = await reopen(chatId);
    assert.deepEqual(
      chat.turns.map(({ state }) => state),
      ['done'],
    );
    const error = await chatErrorOf(() => chat.send('Two', window.context()));
    assert.equal(error.code, 'storage');
    assert.match(error.message, /the disk is read-only/);
    assert.equal(window.engine.unansweredCount, 0);
    for (const change of [() => window.store.update(chatId, { title: 'New' }), () => window.store.delete(chatId)]) {
      assert.match((await chatErrorOf(change)).message, /the disk is read-only/);
    }
    assert.equal((await window.store.list()).length, 2);
  });

  test('an answer that a killed window owed is interrupted', async () => {
    disk?.makeReadOnly();
    assert.deepEqual(
      (await reopen(interrupted)).turns.map(({ state }) => state),
      ['interrupted'],
    );
  });

  for (const [what, damage] of [
    ['does not name', () => rm(fixture.path('catalog.json'))],
    ['is torn', () => writeFile(fixture.path('catalog.json'), '{"chats": [')],
  ] as const) {
    test(`are listed when the list ${what === 'is torn' ? what : `${what} them`}`, async () => {
      await damage();
      disk?.makeReadOnly();
      assert.equal((await openWindow().store.list()).length, 2);
    });
  }
});

suite('chats whose files are taken away', () => {
  setup(() => {
    window = openWindow();
  });

  test('the folder deleted while a chat answers: that chat is gone, and others see the next one answer', async () => {
    window.engine.isEchoing = false;
    const chat = window.open();
    await chat.send('One', window.context());
    const asked = await window.engine.next();
    await rm(fixture.root, { recursive: true });
    asked.answer('Late');
    await until(chat, () => !chat.isRunning);
    await chat.refresh();
    assert.equal(chat.isGone, true);
    assert.equal((await chatErrorOf(() => chat.send('Two', window.context()))).code, 'not-found');
    assert.deepEqual(await window.store.list(), []);
    const next = window.open();
    await next.send('New', window.context());
    assert.deepEqual(
      (await reopen(next.chatId)).turns.map(({ state }) => state),
      ['elsewhere'],
    );
  });

  test('the folder deleted while a chat answers: it is closed to git again with the next chat', async () => {
    window.engine.isEchoing = false;
    const chat = window.open();
    await chat.send('One', window.context());
    const asked = await window.engine.next();
    await rm(fixture.root, { recursive: true });
    asked.answer('Late');
    await until(chat, () => !chat.isRunning);
    await window.open().send('New', window.context());
    assert.equal(await readFile(fixture.path('.gitignore'), 'utf8'), '*\n');
  });

  test('a folder in the place of the catalog: nothing in it is touched, turns are saved and chats listed', async () => {
    const chat = await ask();
    await rm(fixture.path('catalog.json'));
    await mkdir(fixture.path('catalog.json'));
    await writeFile(fixture.path('catalog.json', 'mine'), 'mine');
    assert.equal((await window.store.list()).length, 1);
    assert.equal(window.store.problem?.code, 'storage');
    assert.match(window.store.problem?.message ?? '', /catalog\.json can't be used: a folder is in its place/);
    await chat.send('Two', window.context());
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(
      chat.turns.map(({ state }) => state),
      ['done', 'done'],
    );
    assert.equal(await readFile(fixture.path('catalog.json', 'mine'), 'utf8'), 'mine');
  });

  test('a folder in the place of a transcript: the chat is listed, says why, and can be deleted', async () => {
    const chat = await ask();
    const other = await ask('Other');
    await rm(fixture.path(chat.chatId, 'chat.jsonl'));
    await mkdir(fixture.path(chat.chatId, 'chat.jsonl'));
    await rm(fixture.path('catalog.json'));
    assert.equal((await openWindow().store.list()).length, 2);
    const seen = await reopen(chat.chatId);
    assert.equal(seen.problem?.code, 'unreadable');
    assert.match(seen.problem?.message ?? '', /a folder is in its place/);
    assert.equal((await chatErrorOf(() => seen.send('Two', window.context()))).code, 'unreadable');
    await window.store.delete(chat.chatId);
    assert.deepEqual(
      (await window.store.list()).map(({ guid }) => guid),
      [other.chatId],
    );
  });
});

suite('chats behind symbolic links', () => {
  let outside: string;
  let chatId: string;

  // Whole chats lie outside, so that whoever followed a link would find what to change.
  setup(async () => {
    window = openWindow();
    ({ chatId } = await ask());
    await window.store.update(chatId, { title: 'Outside' });
    window.close();
    outside = join(dirname(fixture.root), 'outside');
    await rename(fixture.root, outside);
  });

  const links: Record<string, (chatId: string) => string> = {
    'the folder of all chats': () => '',
    'the folder of a chat': (id) => id,
    'a transcript': (id) => join(id, 'chat.jsonl'),
    "a chat's meta file": (id) => join(id, 'meta.jsonl'),
    'the list of chats': () => 'catalog.json',
    'the folder of locks': () => '.locks',
    'the trash': () => '.trash',
  };

  for (const [name, path] of Object.entries(links)) {
    test(`${name}: nothing that anybody does changes what the link leads to`, async () => {
      const link = path(chatId);
      await mkdir(join(outside, '.trash'));
      if (link !== '') {
        await cp(outside, fixture.root, { recursive: true });
        await rm(fixture.path(link), { recursive: true });
      }
      await symlink(join(outside, link), fixture.path(link));
      const before = await treeBytes(outside);
      window = openWindow();
      const chat = window.open(chatId, { isSaved: true });
      const said: string[] = [];
      for (const step of [
        () => window.store.list(),
        () => chat.refresh(),
        () => chat.send('Two', window.context()),
        () => until(chat, () => !chat.isRunning),
        () => ask('New'),
        () => window.store.update(chatId, { title: 'Renamed' }),
        () => window.store.delete(chatId),
        () => window.store.list(),
      ]) {
        await chatErrorOf(async () => {
          await step();
          throw new ChatError('stopped', 'It went well.');
        }).then((error) => said.push(error.message));
      }
      assert.deepEqual(await treeBytes(outside), before);
      assert.ok(
        [...said, ...window.logged].some((message) => /symbolic link|could not be moved/.test(message)),
        said.join('\n'),
      );
      assert.equal((await readdir(outside)).includes(chatId), true);
    });
  }

  test('a folder of chats that is one is refused by name, and nothing is asked', async () => {
    await symlink(outside, fixture.root);
    window = openWindow();
    window.engine.isEchoing = false;
    const chat = window.open();
    for (const step of [() => window.store.list(), () => chat.send('One', window.context())]) {
      const error = await chatErrorOf(step);
      assert.equal(error.code, 'storage');
      assert.match(error.message, /is a symbolic link, and chats are kept in real folders only/);
    }
    assert.equal(window.engine.unansweredCount, 0);
  });

  test('a chat folder that is one is no chat', async () => {
    await cp(outside, fixture.root, { recursive: true });
    await rm(fixture.path(chatId), { recursive: true });
    await symlink(join(outside, chatId), fixture.path(chatId));
    assert.deepEqual(await openWindow().store.list(), []);
  });

  test('a transcript that is one is a chat that can not be read, with the reason', async () => {
    await cp(outside, fixture.root, { recursive: true });
    await rm(fixture.path(chatId, 'chat.jsonl'));
    await symlink(join(outside, chatId, 'chat.jsonl'), fixture.path(chatId, 'chat.jsonl'));
    assert.equal((await openWindow().store.list()).length, 1);
    const chat = await reopen(chatId);
    assert.equal(chat.problem?.code, 'unreadable');
    assert.match(chat.problem?.message ?? '', /symbolic link/);
    assert.deepEqual(chat.turns, []);
  });
});
