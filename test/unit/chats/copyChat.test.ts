import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { suite, teardown, test } from 'mocha';
import { duplicateChat } from '../../../src/chats/copy/copyChat.ts';
import { importTree } from '../../../src/chats/copy/importChats.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { ChatFixture, PIPELINE_ID, TestWindow, until } from '../../support/chatFixture.ts';
import { FaultyFileStore } from '../../support/faultyFileStore.ts';
import { CREATED, header, question, turn, writeChat } from '../../support/writtenChat.ts';

const ORIGINAL = '11111111-2222-4333-8444-555555555555';
const options = { newId: randomUUID, now: () => CREATED };

let fixture: ChatFixture | undefined;

async function open(): Promise<ChatFixture> {
  fixture = await ChatFixture.make();
  return fixture;
}

teardown(() => fixture?.clean());

suite('duplicateChat', () => {
  test('a copy has the same turns under its own id, and names where it is from', async () => {
    const fixture = await open();
    const window = fixture.window();
    await writeChat(fixture.root, ORIGINAL, [
      header(ORIGINAL),
      turn(ORIGINAL, 1, 'One', 'Uno'),
      turn(ORIGINAL, 2, 'Two', 'Dos'),
    ]);
    await window.store.update(ORIGINAL, { title: 'Numbers', pinned: true, archived: true });
    const id = await duplicateChat(window.store, ORIGINAL, options);
    assert.deepEqual(await fixture.lines(id), [header(id), turn(id, 1, 'One', 'Uno'), turn(id, 2, 'Two', 'Dos')]);
    const entry = (await window.store.list()).find(({ guid }) => guid === id);
    assert.equal(entry?.title, 'Numbers (copy)');
    assert.deepEqual(
      [entry?.pinned, entry?.archived, entry?.message_count, entry?.preview],
      [undefined, undefined, 2, 'Two'],
    );
    const meta = await readFile(fixture.path(id, 'meta.jsonl'), 'utf8');
    assert.deepEqual(JSON.parse(meta.trim().split('\n').at(-1) ?? '').origin, { guid: ORIGINAL, copied: CREATED });
  });

  test('a copy goes on as a chat of its own, and the original stays byte-identical', async () => {
    const fixture = await open();
    const path = await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), turn(ORIGINAL, 1, 'One', 'Uno')]);
    const before = await readFile(path);
    const window = fixture.window();
    window.engine.isEchoing = true;
    const id = await duplicateChat(window.store, ORIGINAL, options);
    const chat = window.open(id, { isSaved: true });
    await chat.refresh();
    await chat.send('More', window.context());
    await until(chat, () => !chat.isRunning);
    assert.equal((await fixture.lines(id)).at(-1)?.seq, 2);
    assert.deepEqual(await readFile(path), before);
  });

  test('a chat that nobody named has a copy that nobody named', async () => {
    const fixture = await open();
    await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), turn(ORIGINAL, 1, 'One', 'Uno')]);
    const window = fixture.window();
    const id = await duplicateChat(window.store, ORIGINAL, options);
    assert.equal((await window.store.list()).find(({ guid }) => guid === id)?.title, 'Untitled chat');
  });

  test('a copy stays with the pipeline, though the header that names it is damaged', async () => {
    const fixture = await open();
    const window = fixture.window();
    const path = await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), turn(ORIGINAL, 1, 'One', 'Uno')]);
    await window.store.list();
    await writeFile(path, (await readFile(path, 'utf8')).replace('header', 'h"ader'));
    const id = await duplicateChat(window.store, ORIGINAL, options);
    assert.equal((await window.store.list()).find(({ guid }) => guid === id)?.pipeline_id, PIPELINE_ID);
    const { imported } = await importTree(window.store.files, window.store, options);
    const pipelines = (await window.store.list()).map(({ pipeline_id }) => pipeline_id);
    assert.equal(imported.length, 2);
    assert.deepEqual(new Set(pipelines), new Set([PIPELINE_ID]));
  });

  test('only the names of the chat change: other bytes stay, unreadable ones too', async () => {
    const fixture = await open();
    const line = (id: string) =>
      `{ "type": "turn", "extra": {"guid":"${ORIGINAL}"}, "created": "x", "big": 12345678901234567890, "half": 1.0, ` +
      `"question": {"type": "prompt", "questions": [{"text": "\\"chat_id\\":\\"${ORIGINAL}\\" \\u00e9"}], "chat_id": "${id}"}, ` +
      `"answer": {"chat_id": "${ORIGINAL}"}}`;
    const strange = [
      `{"type":"note","guid":"${ORIGINAL}","chat_id":"${ORIGINAL}"}`,
      '<<<<<<< ours',
      'null',
      '',
      `{"type":"turn","question":{"chat_id":"${ORIGINAL}"`,
    ];
    const path = await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), line(ORIGINAL), ...strange]);
    const bad = Buffer.from('ff00fe22220a7b', 'hex');
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('\n'), bad]));
    const id = await duplicateChat(fixture.window().store, ORIGINAL, options);
    const expected = `${[JSON.stringify(header(id)), line(id), ...strange].join('\n')}\n`;
    assert.deepEqual(
      await readFile(fixture.path(id, 'chat.jsonl')),
      Buffer.concat([Buffer.from(expected), bad, Buffer.from('\n')]),
    );
  });

  test('a line over 64 MiB is copied as it is', async () => {
    const fixture = await open();
    const long = `{"type":"turn","x":"${'y'.repeat(64 * 1024 * 1024)}"}`;
    const path = await writeChat(fixture.root, ORIGINAL, [
      header(ORIGINAL),
      turn(ORIGINAL, 1, 'One', 'Uno'),
      long,
      turn(ORIGINAL, 2, 'Two', 'Dos'),
    ]);
    const id = await duplicateChat(fixture.window().store, ORIGINAL, options);
    const copy = await readFile(fixture.path(id, 'chat.jsonl'));
    assert.ok(copy.equals(Buffer.from((await readFile(path, 'utf8')).replaceAll(ORIGINAL, id))));
  });

  test('the other files of the chat go along byte for byte, and temporary ones do not', async () => {
    const fixture = await open();
    await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), turn(ORIGINAL, 1, 'One', 'Uno')]);
    const blob = Buffer.from([0, 10, 255, 10, 1, 2]);
    for (const name of [
      'blobs/0a',
      'attachments/a.bin',
      'attachments/notes.tmp',
      '.dirmarker',
      `chat.jsonl.${randomUUID()}.tmp`,
    ]) {
      await mkdir(fixture.path(ORIGINAL, name, '..'), { recursive: true });
      await writeFile(fixture.path(ORIGINAL, name), blob);
    }
    await writeFile(fixture.path(ORIGINAL, 'meta.jsonl'), '{"shown":"x"}\n{"torn');
    const id = await duplicateChat(fixture.window().store, ORIGINAL, options);
    const names = (await readdir(fixture.path(id), { recursive: true })).toSorted();
    assert.deepEqual(names, [
      '.dirmarker',
      'attachments',
      'attachments/a.bin',
      'attachments/notes.tmp',
      'blobs',
      'blobs/0a',
      'chat.jsonl',
      'meta.jsonl',
    ]);
    assert.deepEqual(await readFile(fixture.path(id, 'blobs/0a')), blob);
    assert.ok((await readFile(fixture.path(id, 'meta.jsonl'), 'utf8')).startsWith('{"shown":"x"}\n{"torn\n{'));
  });

  test('an ask that another window is answering stays out, and lines keep their places; one of a dead window goes along', async () => {
    const fixture = await open();
    const window = fixture.window();
    await window.store.prepare();
    const ask = (writer: string) => {
      return {
        type: 'ask',
        schema_version: 1,
        created: CREATED,
        id: randomUUID(),
        writer: { id: writer },
        question: question(ORIGINAL, 'Open'),
      };
    };
    const alive = ask(window.store.writer.id);
    const dead = ask(randomUUID());
    const path = await writeChat(fixture.root, ORIGINAL, [
      header(ORIGINAL),
      alive,
      turn(ORIGINAL, 1, 'One', 'Uno'),
      dead,
    ]);
    for (const { id } of [alive, dead])
      await writeFile(fixture.path(ORIGINAL, `partial-${id}.json`), '{"answers":["So"]}');
    const other = fixture.window();
    const id = await duplicateChat(other.store, ORIGINAL, options);
    const text = await readFile(fixture.path(id, 'chat.jsonl'), 'utf8');
    assert.deepEqual(
      text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line).type])),
      ['header', 'turn', 'ask'],
    );
    assert.equal(text.indexOf('{"type":"turn"'), (await readFile(path, 'utf8')).indexOf('{"type":"turn"'));
    const parts = (await readdir(fixture.path(id))).filter((name) => name.startsWith('partial-'));
    assert.deepEqual(parts, [`partial-${dead.id}.json`]);
    const chat = other.open(id, { isSaved: true });
    await chat.refresh();
    assert.deepEqual(
      chat.turns.map(({ state }) => state),
      ['done', 'interrupted'],
    );
  });

  test('a chat whose first question is being answered has nothing to copy', async () => {
    const fixture = await open();
    const window = fixture.window();
    const chat = window.open();
    await chat.send('Open', window.context());
    const error = await chatErrorOf(() => duplicateChat(window.store, chat.chatId, options));
    assert.equal(error.code, 'invalid');
    assert.deepEqual(await readdir(fixture.path('.staging')), []);
  });

  test('a chat of a newer format is not copied', async () => {
    const fixture = await open();
    await writeChat(fixture.root, ORIGINAL, [
      { ...header(ORIGINAL), schema_version: 2 },
      turn(ORIGINAL, 1, 'One', 'Uno'),
    ]);
    const error = await chatErrorOf(() => duplicateChat(fixture.window().store, ORIGINAL, options));
    assert.equal(error.code, 'newer-format');
  });

  test('while another window appends, a copy has whole turns only', async () => {
    const fixture = await open();
    await writeChat(fixture.root, ORIGINAL, [header(ORIGINAL), turn(ORIGINAL, 1, 'One', 'Uno')]);
    const [a, b] = [fixture.window(), fixture.window()];
    b.engine.isEchoing = true;
    const chat = b.open(ORIGINAL, { isSaved: true });
    await chat.refresh();
    const sending = (async () => {
      for (let count = 0; count < 20; count += 1) {
        await chat.send('x'.repeat(100_000), b.context());
        await until(chat, () => !chat.isRunning);
      }
    })();
    const ids: string[] = [];
    for (let count = 0; count < 8; count += 1) ids.push(await duplicateChat(a.store, ORIGINAL, options));
    await sending;
    for (const id of ids) {
      const open = new Set<unknown>();
      const lines = (await readFile(fixture.path(id, 'chat.jsonl'), 'utf8')).split('\n');
      // Parsing every line is the check; in place of the ask in flight stands a blank one.
      for (const { type, id: askId } of lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line))) {
        if (type === 'ask') open.add(askId);
        else open.delete(askId);
      }
      assert.equal(open.size, 0, 'the ask in flight was left out');
    }
  });

  test('killed after any operation, no half chat is listed, and what was left is swept away', async () => {
    const fixture = await open();
    await writeChat(fixture.root, ORIGINAL, [
      header(ORIGINAL),
      turn(ORIGINAL, 1, 'One', 'Uno'),
      turn(ORIGINAL, 2, 'Two', 'Dos'),
    ]);
    await mkdir(fixture.path(ORIGINAL, 'attachments'));
    await writeFile(fixture.path(ORIGINAL, 'attachments/a'), 'a');
    const whole = ['header', 'turn', 'turn'];
    for (let at = 1; ; at += 1) {
      const files = new FaultyFileStore(new LocalFileStore(fixture.root), 'power cut', at);
      const dying = new TestWindow(files);
      await duplicateChat(dying.store, ORIGINAL, options).catch(() => undefined);
      dying.close();
      const entries = await fixture.window().store.list();
      for (const { guid } of entries) {
        assert.deepEqual(
          (await fixture.lines(guid)).map(({ type }) => type),
          whole,
          `at ${files.failed}`,
        );
        assert.equal(await readFile(fixture.path(guid, 'attachments/a'), 'utf8'), 'a');
      }
      const folders = (await fixture.entries()).filter((name) => name.length === 36);
      assert.deepEqual(folders, entries.map(({ guid }) => guid).toSorted(), `at ${files.failed}`);
      if (files.failed !== undefined) continue;
      assert.ok(at > 15 && entries.length > 1);
      break;
    }
    await duplicateChat(fixture.window().store, ORIGINAL, options);
    assert.deepEqual(await readdir(fixture.path('.staging')), []);
  });
});
