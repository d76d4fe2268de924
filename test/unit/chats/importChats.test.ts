import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { suite, teardown, test } from 'mocha';
import { importTranscript, importTree } from '../../../src/chats/copy/importChats.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { ChatFixture, TestWindow } from '../../support/chatFixture.ts';
import { FaultyFileStore } from '../../support/faultyFileStore.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { treeBytes } from '../../support/treeBytes.ts';
import { CREATED, header, question, turn, writeChat } from '../../support/writtenChat.ts';

const ids = ['a', 'b', 'c'].map((digit) => `${digit.repeat(8)}-2222-4333-8444-555555555555`);
const [A = '', B = '', C = ''] = ids;
const options = { newId: randomUUID, now: () => CREATED };

let fixtures: ChatFixture[] = [];

async function open(golden?: string): Promise<ChatFixture> {
  const fixture = await ChatFixture.make(golden);
  fixtures.push(fixture);
  return fixture;
}

teardown(async () => {
  for (const fixture of fixtures) await fixture.clean();
  fixtures = [];
});

suite('importTree', () => {
  for (const golden of ['python', 'typescript']) {
    test(`a tree that the ${golden} SDK wrote is imported whole, and not changed`, async () => {
      const [source, target] = [await open(golden), await open()];
      const before = await treeBytes(source.root);
      const { chats } = await source.catalog();
      const window = target.window();
      const { imported, refused } = await importTree(new LocalFileStore(source.root), window.store, options);
      assert.deepEqual(refused, []);
      assert.deepEqual(imported.map(({ from }) => from).toSorted(), chats.map(({ guid }) => String(guid)).toSorted());
      for (const { from, id, title, turnCount, unreadableLineCount } of imported) {
        const entry = chats.find(({ guid }) => guid === from);
        assert.deepEqual([title, turnCount, unreadableLineCount], [entry?.title, entry?.message_count, 0]);
        const original = await readFile(source.path(from, 'chat.jsonl'), 'utf8');
        assert.equal(await readFile(target.path(id, 'chat.jsonl'), 'utf8'), original.replaceAll(from, id));
      }
      const listed = await window.store.list();
      assert.deepEqual(listed.map(({ guid }) => guid).toSorted(), imported.map(({ id }) => id).toSorted());
      await window.store.check();
      assert.deepEqual(await treeBytes(source.root), before);
    });
  }

  test('the folder above is taken for the tree in it, and a second import gives a second set', async () => {
    const [source, target] = [await open('python'), await open()];
    const { store } = target.window();
    const above = new LocalFileStore(dirname(source.root));
    const first = await importTree(above, store, options);
    const second = await importTree(above, store, options);
    assert.equal(first.imported.length, second.imported.length);
    assert.equal((await store.list()).length, first.imported.length * 2);
  });

  test('pins, archive, titles and pipelines come along; another pipeline can be given', async () => {
    const [source, target] = [await open(), await open()];
    for (const id of [A, B]) await writeChat(source.root, id, [header(id), turn(id, 1, 'One', 'Uno')]);
    const { store } = source.window();
    await store.update(A, { title: 'Named', pinned: true });
    await store.update(B, { archived: true, pipelineId: 'theirs' });
    const other = target.window().store;
    await importTree(source.window().store.files, other, options);
    await rm(target.path('catalog.json'));
    const entries = (await target.window().store.list()).toSorted((a, b) => a.title.localeCompare(b.title));
    assert.deepEqual(
      entries.map(({ title, pinned, archived, pipeline_id }) => [title, pinned, archived, pipeline_id]),
      [
        ['Named', true, undefined, header(A).pipeline_id],
        ['Untitled chat', undefined, true, 'theirs'],
      ],
    );
    const { imported } = await importTree(store.files, other, { ...options, pipelineId: 'ours' });
    const given = (await other.list()).filter(({ guid }) => imported.some(({ id }) => id === guid));
    assert.deepEqual(
      given.map(({ pipeline_id }) => pipeline_id),
      ['ours', 'ours'],
    );
  });

  test('deleted chats, chats without a question and folders that are no chats are left out', async () => {
    const [source, target] = [await open(), await open()];
    for (const id of [A, B]) await writeChat(source.root, id, [header(id), turn(id, 1, 'One', 'Uno')]);
    await writeChat(source.root, C, [header(C)]);
    await writeChat(source.root, 'no-uuid', [header(A), turn(A, 1, 'One', 'Uno')]);
    const { store } = source.window();
    await store.delete(A);
    await writeFile(source.path(B, 'meta.jsonl'), '{"deleted":true}\n');
    const result = await importTree(store.files, target.window().store, options);
    assert.deepEqual(result, { imported: [], refused: [] });
    assert.deepEqual(
      (await target.entries()).filter((name) => name.length === 36),
      [],
    );
  });

  test('a damaged chat comes as it is; what is of a newer version or no chat at all is refused by name', async () => {
    const [source, target] = [await open(), await open()];
    const damaged = [
      JSON.stringify(header(A)),
      '{"torn',
      'null',
      JSON.stringify(turn(A, 1, 'One', 'Uno')),
      '{"type":"tur',
    ];
    await writeChat(source.root, A, damaged);
    await writeChat(source.root, B, [{ ...header(B), schema_version: 2 }, turn(B, 1, 'Newer', 'Uno')]);
    await writeChat(source.root, C, ['GIF89a', '{"a":1}']);
    const { imported, refused } = await importTree(source.window().store.files, target.window().store, options);
    assert.deepEqual(
      imported.map(({ from, turnCount, unreadableLineCount }) => [from, turnCount, unreadableLineCount]),
      [[A, 1, 3]],
    );
    assert.equal(
      await readFile(target.path(imported[0]?.id ?? '', 'chat.jsonl'), 'utf8'),
      `${damaged.join('\n')}\n`.replaceAll(A, imported[0]?.id ?? ''),
    );
    assert.deepEqual(refused.map(({ name }) => name).toSorted(), ['Newer', C].toSorted());
    assert.match(refused.find(({ name }) => name === 'Newer')?.reason ?? '', /"Newer" was written by a newer version/);
  });

  test('a title that a client gave in the catalog only is kept, whatever state that is in', async () => {
    const source = await open();
    await writeChat(source.root, A, [header(A), turn(A, 1, 'One', 'Uno')]);
    await source.window().store.list();
    const catalog = await source.catalog();
    const entry = { ...catalog.chats[0], title: 'Theirs', checked: undefined };
    await writeFile(source.path('catalog.json'), JSON.stringify({ ...catalog, chats: [entry, 17], schema_version: 9 }));
    const target = (await open()).window().store;
    const { imported } = await importTree(source.window().store.files, target, options);
    assert.deepEqual(
      imported.map(({ title }) => title),
      ['Theirs'],
    );
    await writeFile(source.path('catalog.json'), '{"chats": [');
    const untitled = await importTree(source.window().store.files, target, options);
    assert.deepEqual(
      untitled.imported.map(({ title }) => title),
      ['Untitled chat'],
    );
  });

  test('what holds no chats is refused, and nothing is written', async () => {
    const [source, target] = [await open(), await open()];
    await mkdir(source.path('src'), { recursive: true });
    await writeFile(source.path('catalog.json'), '{"name":"of something else"}');
    const error = await chatErrorOf(() => importTree(new LocalFileStore(source.root), target.window().store, options));
    assert.equal(error.code, 'invalid');
    assert.deepEqual(await target.entries(), []);
  });

  test('a question that a living window of the source answers stays out, and its lock stays as it is', async () => {
    const [source, target] = [await open(), await open()];
    const writer = source.window().store;
    await writer.prepare();
    const gone = randomUUID();
    await writeFile(source.path('.locks', `writer-${gone}`), '');
    const asks = [writer.writer.id, gone].map((id) => {
      return { type: 'ask', created: CREATED, id: randomUUID(), writer: { id }, question: question(A, 'Open') };
    });
    await writeChat(source.root, A, [header(A), turn(A, 1, 'One', 'Uno'), ...asks]);
    const before = await treeBytes(source.root);
    const { imported } = await importTree(new LocalFileStore(source.root), target.window().store, options);
    const text = await readFile(target.path(imported[0]?.id ?? '', 'chat.jsonl'), 'utf8');
    assert.ok(text.includes(asks[1]?.id ?? '-') && !text.includes(asks[0]?.id ?? '-'));
    assert.deepEqual(await treeBytes(source.root), before);
  });

  test('links in the source lead nowhere', async () => {
    const [source, target, elsewhere] = [await open(), await open(), await open()];
    await writeChat(source.root, A, [header(A), turn(A, 1, 'One', 'Uno')]);
    await writeChat(elsewhere.root, B, [header(B), turn(B, 1, 'Two', 'Dos')]);
    await symlink(elsewhere.path(B), source.path(B));
    await writeChat(source.root, C, [header(C), turn(C, 1, 'With a link', 'Tres')]);
    await symlink(elsewhere.path(B, 'chat.jsonl'), source.path(C, 'notes.txt'));
    const { imported, refused } = await importTree(new LocalFileStore(source.root), target.window().store, options);
    assert.deepEqual(
      imported.map(({ from }) => from),
      [A],
    );
    assert.match(refused.map(({ name, reason }) => `${name}: ${reason}`).join(), /^With a link: .* is a symbolic link/);
    assert.deepEqual(await readdir(target.path('.staging')), []);
  });

  test('an import that is stopped keeps what is complete, and says how far it came', async () => {
    const [source, target] = [await open(), await open()];
    for (const id of ids) await writeChat(source.root, id, [header(id), turn(id, 1, 'One', 'Uno')]);
    const stop = new AbortController();
    const steps: [number, number][] = [];
    const onProgress = (done: number, total: number) => {
      steps.push([done, total]);
      if (done === 2) stop.abort();
    };
    const { store } = target.window();
    const { imported } = await importTree(new LocalFileStore(source.root), store, {
      ...options,
      onProgress,
      signal: stop.signal,
    });
    assert.deepEqual(steps, [
      [1, 3],
      [2, 3],
    ]);
    assert.deepEqual((await store.list()).map(({ guid }) => guid).toSorted(), imported.map(({ id }) => id).toSorted());
    assert.equal(imported.length, 2);
  });

  test('more chats than one change of the list takes', async () => {
    const [source, target] = [await open(), await open()];
    for (let count = 0; count < 51; count += 1) {
      const id = randomUUID();
      await writeChat(source.root, id, [header(id), turn(id, 1, 'One', 'Uno')]);
    }
    const { store } = target.window();
    const { imported } = await importTree(new LocalFileStore(source.root), store, options);
    assert.equal(imported.length, 51);
    assert.equal((await store.list()).length, 51);
    assert.equal((await target.catalog()).version, 2);
  });

  for (const fault of ['power cut', 'refused', 'deaf'] as const) {
    test(`with a ${fault} at any operation, every chat that is listed is whole`, async () => {
      const source = await open();
      for (const id of [A, B]) {
        await writeChat(source.root, id, [header(id), turn(id, 1, 'One', 'Uno'), turn(id, 2, 'Two', 'Dos')]);
      }
      for (let at = 1; ; at += 1) {
        const target = new MemoryFileStore();
        const files = new FaultyFileStore(target, fault, at);
        const window = new TestWindow(files);
        const result = await importTree(new LocalFileStore(source.root), window.store, options).catch(() => undefined);
        window.close();
        const after = new TestWindow(target);
        const entries = await after.store.list();
        after.close();
        const folders = (await target.list('')).flatMap(({ name }) => (name.length === 36 ? [name] : []));
        assert.deepEqual(folders.toSorted(), entries.map(({ guid }) => guid).toSorted(), `at ${files.failed}`);
        for (const { guid, message_count } of entries) {
          const text = new TextDecoder().decode(await target.read(`${guid}/chat.jsonl`));
          assert.equal(text.trim().split('\n').length, 3);
          assert.equal(message_count, 2);
        }
        for (const { id } of result?.imported ?? []) assert.ok(folders.includes(id), 'what was told is there');
        if (files.failed !== undefined) continue;
        assert.equal(result?.imported.length, 2);
        assert.ok(at > 15);
        return;
      }
    });
  }
});

suite('importTranscript', () => {
  test('one file becomes a chat, whatever it is called', async () => {
    const [source, target] = [await open(), await open()];
    await writeChat(source.root, A, [header(A), turn(A, 1, 'One', 'Uno')]);
    await rename(source.path(A, 'chat.jsonl'), source.path(A, 'Export of May.txt'));
    const { store } = target.window();
    const files = new LocalFileStore(source.path(A));
    const result = await importTranscript('Export of May.txt', files, 'Export of May.txt', store, options);
    const id = result.imported[0]?.id ?? '';
    assert.deepEqual(result, {
      imported: [{ from: 'Export of May.txt', id, title: 'Untitled chat', turnCount: 1, unreadableLineCount: 0 }],
      refused: [],
    });
    assert.deepEqual(await target.lines(id), [header(id), turn(id, 1, 'One', 'Uno')]);
    assert.deepEqual(JSON.parse(await readFile(target.path(id, 'meta.jsonl'), 'utf8')), {
      origin: { guid: A, copied: CREATED },
    });
  });

  test('a file that is no transcript, or is not there, is refused and nothing is written', async () => {
    const [source, target] = [await open(), await open()];
    await mkdir(source.root, { recursive: true });
    await writeFile(source.path('picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 10, 0, 255]));
    const { store } = target.window();
    for (const name of ['picture.png', 'gone.jsonl']) {
      const { imported, refused } = await importTranscript(name, new LocalFileStore(source.root), name, store, options);
      assert.deepEqual([imported.length, refused.map((one) => one.name)], [0, [name]]);
    }
    assert.deepEqual(await target.entries(), []);
  });

  test('a transcript without a question is refused and leaves nothing', async () => {
    const [source, target] = [await open(), await open()];
    await writeChat(source.root, A, [header(A)]);
    const files = new LocalFileStore(source.root);
    const { refused } = await importTranscript('chat.jsonl', files, `${A}/chat.jsonl`, target.window().store, options);
    assert.deepEqual(refused, [{ name: 'chat.jsonl', reason: 'There is no question in it.' }]);
    assert.deepEqual(await readdir(target.path('.staging')), []);
  });
});
