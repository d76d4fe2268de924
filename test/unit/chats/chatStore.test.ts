import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { suite, teardown, test } from 'mocha';
import { ChatFixture, type TestWindow, until } from '../../support/chatFixture.ts';

let fixture: ChatFixture | undefined;

async function open(golden?: string): Promise<{ fixture: ChatFixture; window: TestWindow }> {
  fixture = await ChatFixture.make(golden);
  const window = fixture.window();
  window.engine.isEchoing = true;
  return { fixture, window };
}

async function ask(window: TestWindow, text: string, chatId?: string): Promise<string> {
  const chat = window.open(chatId, { isSaved: chatId !== undefined });
  await chat.refresh();
  await chat.send(text, window.context());
  await until(chat, () => !chat.isRunning);
  return chat.chatId;
}

teardown(() => fixture?.clean());

suite('ChatStore', () => {
  test('the folder is made with a .gitignore that keeps chats out of git, once', async () => {
    const { fixture, window } = await open();
    await ask(window, 'One');
    assert.equal(await readFile(fixture.path('.gitignore'), 'utf8'), '*\n');
    await rm(fixture.path('.gitignore'));
    await ask(window, 'Two');
    assert.equal((await fixture.entries()).includes('.gitignore'), false, 'the user took it away');
  });

  test('looking for chats where there are none writes nothing', async () => {
    const { fixture, window } = await open();
    assert.deepEqual(await window.store.list(), []);
    assert.deepEqual(await fixture.entries(), []);
  });

  test('version rises by exactly one per change, and a change of nothing writes nothing', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const { version } = await fixture.catalog();
    assert.equal(version, 2, 'created, then the turn');
    await window.store.update(id, { title: 'Title' });
    assert.equal((await fixture.catalog()).version, 3);
    await window.store.delete(id);
    await window.store.delete(id);
    assert.equal((await fixture.catalog()).version, 4);
  });

  test('rename does not touch the transcript, and survives the loss of the catalog', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const before = await readFile(fixture.path(id, 'chat.jsonl'));
    await window.store.update(id, { title: '  My \n title ' });
    assert.deepEqual(await readFile(fixture.path(id, 'chat.jsonl')), before);
    await rm(fixture.path('catalog.json'));
    const [entry] = await fixture.window().store.list();
    assert.equal(entry?.title, 'My title');
  });

  test('a chat given to another pipeline id stays there when the catalog is lost', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await window.store.update(id, { pipelineId: 'other-id' });
    await rm(fixture.path('catalog.json'));
    const [entry] = await fixture.window().store.list();
    assert.equal(entry?.pipeline_id, 'other-id');
  });

  test('delete takes the chat out of the list and keeps its folder in the trash', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await window.store.delete(id);
    assert.deepEqual(await window.store.list(), []);
    await readFile(fixture.path('.trash', id, 'chat.jsonl'));
    await rm(fixture.path('catalog.json'));
    assert.deepEqual(await fixture.window().store.list(), []);
  });

  test('a catalog that is missing is rebuilt from the folders, field by field', async () => {
    const { fixture, window } = await open();
    await ask(window, 'Question of the first', await ask(window, 'First of the first'));
    await ask(window, 'Second');
    const before = (await window.store.list()).toSorted((a, b) => a.guid.localeCompare(b.guid));
    await rm(fixture.path('catalog.json'));
    const rebuilt = (await window.store.list()).toSorted((a, b) => a.guid.localeCompare(b.guid));
    const facts = (entries: typeof before) =>
      entries.map(({ guid, title, message_count, preview, pipeline_id, first_question, created, updated }) => {
        return { guid, title, message_count, preview, pipeline_id, first_question, created, updated };
      });
    assert.deepEqual(facts(rebuilt), facts(before));
    assert.equal((await fixture.catalog()).chats.length, 2, 'it is on disk again');
  });

  test('a torn catalog loses no chat, and its bytes are kept', async () => {
    const { fixture, window } = await open();
    await ask(window, 'One');
    await ask(window, 'Two');
    const whole = await readFile(fixture.path('catalog.json'));
    for (const length of [0, 1, 40, Math.floor(whole.length / 2), whole.length - 4]) {
      await writeFile(fixture.path('catalog.json'), whole.subarray(0, length));
      assert.equal((await fixture.window().store.list()).length, 2, `cut at ${length}`);
    }
    assert.ok((await fixture.entries()).some((name) => name.startsWith('catalog.json.bad-')));
  });

  test('a catalog that can not be read is never taken for an empty one', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await rm(fixture.path('catalog.json'));
    await mkdir(fixture.path('catalog.json'));
    assert.deepEqual(
      (await window.store.list()).map(({ guid }) => guid),
      [id],
      'the chats are listed from their folders',
    );
    assert.equal(window.store.problem?.code, 'storage');
    await assert.rejects(window.store.update(id, { title: 'Title' }), { code: 'storage' });
  });

  test('a catalog that fell behind its transcripts is mended field by field', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const other = await ask(window, 'Untouched');
    const behind = await readFile(fixture.path('catalog.json'));
    await ask(window, 'Two', id);
    await window.store.update(id, { title: 'Title', pinned: true, archived: true });
    const right = await window.store.list();
    await writeFile(fixture.path('catalog.json'), behind);
    const next = fixture.window();
    await next.store.check();
    const facts = (entries: typeof right) => entries.toSorted((a, b) => a.guid.localeCompare(b.guid));
    assert.deepEqual(facts(await next.store.list()), facts(right));
    assert.equal((await next.store.list()).find(({ guid }) => guid === other)?.preview, 'Untouched');
    const { version } = await fixture.catalog();
    await next.store.check();
    assert.equal((await fixture.catalog()).version, version, 'nothing to mend, nothing written');
  });

  test('a transcript that somebody shortened is listed by what is asked next', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const { length } = await readFile(fixture.path(id, 'chat.jsonl'));
    await ask(window, 'Two, which is rather long '.repeat(400), id);
    await truncate(fixture.path(id, 'chat.jsonl'), length);
    const next = fixture.window();
    next.engine.isEchoing = true;
    await ask(next, 'Three', id);
    assert.equal((await next.store.list())[0]?.preview, 'Three');
    await next.store.check();
    const [entry] = await next.store.list();
    assert.deepEqual([entry?.preview, entry?.message_count], ['Three', 2]);
  });

  test('pins, archive flags and titles survive the loss of the catalog', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await window.store.update(id, { title: 'Title', pinned: true });
    await window.store.update(id, { archived: true });
    await window.store.update(id, { pinned: false });
    await rm(fixture.path('catalog.json'));
    const [entry] = await fixture.window().store.list();
    assert.deepEqual([entry?.title, entry?.pinned, entry?.archived], ['Title', undefined, true]);
  });

  test('a title that an SDK client gave, in the catalog only, is kept beside the chat', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const catalog = await fixture.catalog();
    const [entry] = catalog.chats;
    const { guid, created, updated, message_count, preview, pipeline_id } = entry ?? {};
    const sevenKeys = { guid, title: 'By Python', created, updated, message_count, preview, pipeline_id };
    await writeFile(fixture.path('catalog.json'), JSON.stringify({ ...catalog, version: 9, chats: [sevenKeys] }));
    await window.store.check();
    await rm(fixture.path('catalog.json'));
    const [rebuilt] = await fixture.window().store.list();
    assert.deepEqual([rebuilt?.guid, rebuilt?.title], [id, 'By Python']);
  });

  test('a chat whose header is damaged stays with its pipeline', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const before = await window.store.list();
    const path = fixture.path(id, 'chat.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"header"', '"heade'));
    await window.store.check();
    const [entry] = await window.store.list();
    assert.deepEqual([entry?.pipeline_id, entry?.message_count], [before[0]?.pipeline_id, 1]);
  });

  test('an entry whose folder is gone for long is taken out, a new one is left to whoever makes it', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    const catalog = await fixture.catalog();
    const ghost = { ...catalog.chats[0], guid: '11111111-1111-4111-8111-111111111111' };
    const chats = (updated: string) => ({ ...catalog, chats: [...catalog.chats, { ...ghost, updated }] });
    await writeFile(fixture.path('catalog.json'), JSON.stringify(chats('2099-01-01T00:00:00.000Z')));
    await window.store.check();
    assert.equal((await fixture.catalog()).chats.length, 2);
    assert.deepEqual(
      (await window.store.list()).map(({ guid }) => guid),
      [id],
      'it is not shown',
    );
    await writeFile(fixture.path('catalog.json'), JSON.stringify(chats('2025-01-01T00:00:00.000Z')));
    await window.store.check();
    assert.equal((await fixture.catalog()).chats.length, 1);
  });

  test('a chat whose transcript can not be read is listed as such, and can be renamed and deleted', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await rm(fixture.path(id, 'chat.jsonl'));
    await mkdir(fixture.path(id, 'chat.jsonl'));
    await window.store.check();
    const [entry] = await window.store.list();
    assert.deepEqual([entry?.unreadable, entry?.first_question], [true, 'One'], 'what was known of it stays');
    await rm(fixture.path('catalog.json'));
    const next = fixture.window();
    assert.equal((await next.store.list())[0]?.unreadable, true);
    await next.store.update(id, { title: 'Broken' });
    await next.store.delete(id);
    assert.deepEqual(
      (await next.store.trash.list()).map(({ entry }) => entry.title),
      ['Broken'],
    );
  });

  test('a deleted chat comes back whole, also when it was deleted twice', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await window.store.update(id, { title: 'Title', pinned: true });
    const before = await window.store.list();
    await window.store.delete(id);
    const [trashed] = await window.store.trash.list();
    assert.deepEqual([trashed?.name, trashed?.entry.title], [id, 'Title']);
    assert.ok(Date.parse(trashed?.deleted ?? '') > 0);
    await window.store.trash.restore(id);
    const facts = (entries: typeof before) => entries.map(({ checked: _, ...entry }) => entry);
    assert.deepEqual(facts(await window.store.list()), facts(before));
    await cp(fixture.path(id), fixture.path('copy'), { recursive: true });
    await window.store.delete(id);
    await cp(fixture.path('copy'), fixture.path(id), { recursive: true });
    await window.store.delete(id);
    assert.deepEqual((await window.store.trash.list()).map(({ name }) => name).toSorted(), [id, `${id}~2`]);
    await window.store.trash.restore(`${id}~2`);
    await assert.rejects(window.store.trash.restore(id), { code: 'invalid' });
    await window.store.trash.purge(id);
    assert.deepEqual(await window.store.trash.list(), []);
    await assert.rejects(window.store.trash.restore(id), { code: 'not-found' });
    assert.equal((await window.store.list()).length, 1);
  });

  test('delete tells the names in the trash, and the chat deleted last under an id is found there', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await cp(fixture.path(id), fixture.path('copy'), { recursive: true });
    assert.deepEqual(await window.store.delete(id), [id]);
    await cp(fixture.path('copy'), fixture.path(id), { recursive: true });
    assert.deepEqual(await window.store.delete(id), [`${id}~2`]);
    assert.deepEqual(await window.store.delete(id), [], 'there was nothing to delete');
    assert.equal((await window.store.trash.find(id))?.name, `${id}~2`);
    assert.equal(await window.store.trash.count(), 2);
    await window.store.trash.purge(id, `${id}~2`);
    assert.equal(await window.store.trash.find(id), undefined);
  });

  test('many chats are restored by one change of the catalog; one that is gone does not keep the others', async () => {
    const { fixture, window } = await open();
    const ids = [await ask(window, 'One'), await ask(window, 'Two'), await ask(window, 'Three')];
    const names = await window.store.delete(...ids);
    const { version } = await fixture.catalog();
    await window.store.trash.purge(ids[1] ?? '');
    await assert.rejects(window.store.trash.restore(...names), { code: 'not-found' });
    assert.equal((await fixture.catalog()).version, version + 1);
    const listed = (await fixture.window().store.list()).map(({ guid }) => guid);
    assert.deepEqual(listed.toSorted(), [ids[0], ids[2]].toSorted());
  });

  test('the trash is listed while the catalog can not be read', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await window.store.delete(id);
    await rm(fixture.path('catalog.json'));
    await mkdir(fixture.path('catalog.json'));
    assert.deepEqual([await window.store.trash.count(), (await window.store.trash.list())[0]?.name], [1, id]);
  });

  test('a delete that was cut off between mark and move is finished by the next check', async () => {
    const { fixture, window } = await open();
    const id = await ask(window, 'One');
    await writeFile(fixture.path(id, 'meta.jsonl'), '{"deleted":true,"deleted_at":"2026-01-01T00:00:00.000Z"}\n');
    assert.equal((await fixture.window().store.trash.list()).length, 0, 'the catalog still names it');
    await window.store.check();
    assert.deepEqual(await window.store.list(), []);
    await readFile(fixture.path('.trash', id, 'chat.jsonl'));
  });

  test('a folder that the catalog does not name is listed, one with a header only is not', async () => {
    const { fixture, window } = await open();
    await ask(window, 'One');
    await cp(new URL('../../fixtures/typescript/.chats/', import.meta.url), fixture.root, {
      recursive: true,
      filter: (source) => !source.endsWith('catalog.json'),
    });
    assert.equal((await window.store.list()).length, 4);
    assert.equal((await fixture.catalog()).chats.length, 4);
  });

  test('keys that we do not know survive our changes', async () => {
    const { fixture, window } = await open('typescript');
    const catalog = await fixture.catalog();
    const [first, ...others] = catalog.chats;
    const strange = { ...catalog, owner: 'me', chats: [{ ...first, color: 'red' }, ...others, 'no entry'] };
    await writeFile(fixture.path('catalog.json'), JSON.stringify(strange));
    await window.store.update(String(first?.guid), { title: 'Renamed' });
    const changed = await fixture.catalog();
    assert.equal(changed.owner, 'me');
    assert.equal(changed.chats.find(({ guid }) => guid === first?.guid)?.color, 'red');
    assert.ok(JSON.stringify(changed.chats).includes('no entry'));
  });

  test('a catalog of a newer format is read and never rewritten', async () => {
    const { fixture, window } = await open('typescript');
    const newer = `${JSON.stringify({ ...(await fixture.catalog()), schema_version: 2 })}`;
    await writeFile(fixture.path('catalog.json'), newer);
    const [entry] = await window.store.list();
    await assert.rejects(window.store.update(entry?.guid ?? '', { title: 'x' }), { code: 'newer-format' });
    assert.equal(await readFile(fixture.path('catalog.json'), 'utf8'), newer);
  });

  test('ids that are no UUID are refused on every way in', async () => {
    const { window } = await open();
    for (const id of ['../evil', 'x', '', '6cebb352-86af-4987-8e19-1d44056b3c1b/..']) {
      await assert.rejects(window.store.create(id, 'p', []), { code: 'invalid' });
      await assert.rejects(window.store.update(id, { title: 't' }), { code: 'invalid' });
      await assert.rejects(window.store.delete(id), { code: 'invalid' });
      await assert.rejects(async () => window.open(id).send('x', window.context()), { name: /Error/ });
    }
  });

  test('a change by another window is told within a second', async () => {
    const { fixture, window } = await open();
    await ask(window, 'One');
    const told = new Promise<void>((resolve) => window.store.onDidChange(() => resolve()));
    const started = performance.now();
    const other = fixture.window();
    other.engine.isEchoing = true;
    await ask(other, 'Two');
    await told;
    assert.ok(performance.now() - started < 1000);
    assert.equal((await window.store.list()).length, 2);
  });
});

for (const golden of ['typescript', 'python']) {
  suite(`ChatStore over a tree of the ${golden} SDK`, () => {
    test('lists and reads every chat, and goes on where the SDK stopped', async () => {
      const { fixture, window } = await open(golden);
      for (const entry of await window.store.list()) {
        const chat = window.open(entry.guid, { isSaved: true });
        await chat.refresh();
        assert.equal(chat.turns.length, entry.message_count);
        const before = await readFile(fixture.path(entry.guid, 'chat.jsonl'));
        await ask(window, 'And then?', entry.guid);
        const after = await readFile(fixture.path(entry.guid, 'chat.jsonl'));
        assert.deepEqual(after.subarray(0, before.length), before, 'what the SDK wrote is untouched');
        const last = (await fixture.lines(entry.guid)).at(-1);
        assert.equal(last?.seq, entry.message_count + 1);
      }
    });
  });
}
