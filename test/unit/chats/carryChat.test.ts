import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { suite, teardown, test } from 'mocha';
import { copyChatTo, moveChat } from '../../../src/chats/copy/carryChat.ts';
import type { FileStore } from '../../../src/files/fileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { ChatFixture, PIPELINE_ID, TestWindow, until } from '../../support/chatFixture.ts';
import { FaultyFileStore } from '../../support/faultyFileStore.ts';
import { type FileHook, HookedFileStore } from '../../support/hookedFileStore.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { CREATED, header, turn, writeChat } from '../../support/writtenChat.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const options = { newId: randomUUID, now: () => CREATED };

let fixture: ChatFixture | undefined;
let elsewhere: TestWindow | undefined;

/** A chat on the disk, and another store in memory. */
async function begin(hook?: FileHook) {
  fixture = await ChatFixture.make();
  const memory = new MemoryFileStore();
  const files: FileStore = hook ? new HookedFileStore(memory, hook) : memory;
  elsewhere = new TestWindow(files);
  const path = await writeChat(fixture.root, ID, [
    header(ID),
    turn(ID, 1, 'One', 'Uno'),
    '<<<<<<< not ours',
    turn(ID, 2, 'Two', 'Dos'),
  ]);
  const here = fixture.window();
  return { fixture, here, path, memory, there: elsewhere };
}

function bytesOf({ files }: MemoryFileStore, name: string): Buffer | undefined {
  const bytes = files.get(name);
  return bytes && Buffer.from(bytes);
}

async function listed({ store }: TestWindow): Promise<string[]> {
  return (await store.list()).map(({ guid }) => guid);
}

teardown(async () => {
  elsewhere?.close();
  elsewhere = undefined;
  await fixture?.clean();
});

suite('moveChat', () => {
  test('a moved chat has the same id, the same bytes and all that was said of it, and is in the trash here', async () => {
    const { fixture, here, path, memory, there } = await begin();
    await here.store.update(ID, { title: 'Numbers', pinned: true });
    await mkdir(fixture.path(ID, 'blobs'));
    await writeFile(fixture.path(ID, 'blobs', '0a'), Buffer.from([0, 10, 255]));
    const names = ['chat.jsonl', 'meta.jsonl', 'blobs/0a'];
    const before = await Promise.all(names.map((name) => readFile(fixture.path(ID, name))));
    await moveChat(here.store, ID, there.store);
    assert.deepEqual(
      names.map((name) => bytesOf(memory, `${ID}/${name}`)),
      before,
    );
    const [entry] = await there.store.list();
    assert.deepEqual(
      [entry?.guid, entry?.title, entry?.pinned, entry?.message_count, entry?.pipeline_id],
      [ID, 'Numbers', true, 2, PIPELINE_ID],
    );
    assert.deepEqual(await listed(here), []);
    assert.deepEqual(
      (await here.store.trash.list()).map(({ name }) => name),
      [ID],
    );
    assert.deepEqual(await readFile(fixture.path('.trash', ID, 'chat.jsonl')), before[0]);
    await assert.rejects(readFile(path));
  });

  test('and goes on there', async () => {
    const { here, there } = await begin();
    await moveChat(here.store, ID, there.store);
    there.engine.isEchoing = true;
    const chat = there.open(ID, { isSaved: true });
    await chat.refresh();
    await chat.send('Three', there.context());
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(
      chat.turns.map(({ question, state }) => [question, state]),
      [
        ['One', 'done'],
        ['Two', 'done'],
        ['Three', 'done'],
      ],
    );
  });

  test('a title that only the list knows comes along', async () => {
    const { fixture, here, there } = await begin();
    await here.store.update(ID, { pinned: true });
    const catalog = await fixture.catalog();
    await writeFile(
      fixture.path('catalog.json'),
      JSON.stringify({ ...catalog, chats: catalog.chats.map((chat) => ({ ...chat, title: 'By the SDK' })) }),
    );
    await moveChat(here.store, ID, there.store);
    assert.equal((await there.store.list())[0]?.title, 'By the SDK');
  });

  test('it stays where the other place has a chat with its id, and that one is left alone', async () => {
    const { here, there, memory } = await begin();
    await there.store.create(ID, PIPELINE_ID, []);
    const before = bytesOf(memory, `${ID}/chat.jsonl`);
    const error = await chatErrorOf(() => moveChat(here.store, ID, there.store));
    assert.match(error.message, /its id already/);
    assert.deepEqual(bytesOf(memory, `${ID}/chat.jsonl`), before);
    assert.deepEqual(await listed(here), [ID]);
  });

  test('it stays while a question is being answered in it', async () => {
    const { here, there } = await begin();
    const chat = here.open(ID, { isSaved: true });
    await chat.refresh();
    await chat.send('Three', here.context());
    const error = await chatErrorOf(() => moveChat(here.store, ID, there.store));
    assert.equal(error.code, 'contended');
    assert.deepEqual([await listed(here), await listed(there)], [[ID], []]);
    (await here.engine.next()).answer('Tres');
    await until(chat, () => !chat.isRunning);
    await moveChat(here.store, ID, there.store);
    assert.deepEqual([await listed(here), await listed(there)], [[], [ID]]);
  });

  test('it stays, and nothing is left there, when what was written is other when it is read again', async () => {
    let isMoved = false;
    const hook: FileHook = async (operation, work) => {
      const done = await work();
      isMoved ||= operation.kind === 'move';
      if (!isMoved || operation.kind !== 'read' || !operation.path.startsWith(`${ID}/`)) return done;
      if (done instanceof Uint8Array) done[done.length - 3] = 0x21;
      return done;
    };
    const { here, there } = await begin(hook);
    const error = await chatErrorOf(() => moveChat(here.store, ID, there.store));
    assert.match(error.message, /not the same/);
    assert.deepEqual([await listed(here), await listed(there)], [[ID], []]);
  });

  test('it stays when another window goes on with it after it was copied', async () => {
    const state: { path?: string } = {};
    const hook: FileHook = async (operation, work) => {
      const done = await work();
      if (operation.kind === 'move' && state.path)
        await appendFile(state.path, `${JSON.stringify(turn(ID, 3, 'A', 'B'))}\n`);
      return done;
    };
    const { here, there, path } = await begin(hook);
    state.path = path;
    const error = await chatErrorOf(() => moveChat(here.store, ID, there.store));
    assert.equal(error.code, 'contended');
    assert.deepEqual([await listed(here), await listed(there)], [[ID], []]);
  });

  test('whatever goes wrong in the other place, and whenever: the chat is whole in one of the two', async () => {
    for (let at = 1; ; at += 1) {
      fixture = await ChatFixture.make();
      const path = await writeChat(fixture.root, ID, [header(ID), turn(ID, 1, 'One', 'Uno')]);
      const before = await readFile(path);
      const here = fixture.window();
      const memory = new MemoryFileStore();
      const files = new FaultyFileStore(memory, 'power cut', at);
      elsewhere = new TestWindow(files);
      const error = await moveChat(here.store, ID, elsewhere.store).then(
        () => undefined,
        (thrown) => ChatError.from(thrown),
      );
      const isHere = (await listed(here)).includes(ID);
      const after = isHere ? await readFile(path) : bytesOf(memory, `${ID}/chat.jsonl`);
      assert.deepEqual(after, before, `${files.failed}`);
      assert.equal(isHere, error !== undefined, `${files.failed}: ${error?.message}`);
      elsewhere.close();
      await fixture.clean();
      if (files.failed === undefined) break;
    }
  });
});

suite('copyChatTo', () => {
  test('a copy has the same turns under its own id and names where it is from; the chat stays byte for byte', async () => {
    const { here, there, path, memory } = await begin();
    const before = await readFile(path);
    const id = await copyChatTo(here.store, ID, there.store, options);
    assert.notEqual(id, ID);
    assert.equal(bytesOf(memory, `${id}/chat.jsonl`)?.toString(), before.toString().replaceAll(ID, id));
    assert.match(bytesOf(memory, `${id}/meta.jsonl`)?.toString() ?? '', new RegExp(`"origin":{"guid":"${ID}"`));
    assert.deepEqual(await readFile(path), before);
    assert.deepEqual([await listed(here), await listed(there)], [[ID], [id]]);
  });

  test('a torn last line is closed in the copy, and that is no difference', async () => {
    const { here, there, path, memory } = await begin();
    await appendFile(path, '{"type":"turn","seq":3');
    const id = await copyChatTo(here.store, ID, there.store, options);
    assert.match(bytesOf(memory, `${id}/chat.jsonl`)?.toString() ?? '', /"seq":3\n$/);
  });
});
