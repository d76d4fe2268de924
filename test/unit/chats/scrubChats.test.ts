import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { suite, teardown, test } from 'mocha';
import { findText, scrub } from '../../../src/chats/scrub/scrubChats.ts';
import { TextSwap } from '../../../src/chats/scrub/swapText.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { ChatFixture, TestWindow, until } from '../../support/chatFixture.ts';
import { FaultyFileStore } from '../../support/faultyFileStore.ts';
import { CREATED, header, turn, writeChat } from '../../support/writtenChat.ts';

const A = 'aaaaaaaa-2222-4333-8444-555555555555';
const B = 'bbbbbbbb-2222-4333-8444-555555555555';
const SECRET = 'pa"ss\\wörd/😀\nline';
const options = { now: () => CREATED };

let fixture: ChatFixture | undefined;

async function open(): Promise<ChatFixture> {
  fixture = await ChatFixture.make();
  return fixture;
}

teardown(() => fixture?.clean());

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const ascii = (text: string) =>
  [...text]
    .flatMap((character) => character.split(''))
    .map((unit) => (unit > '~' ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : json(unit)))
    .join('');
const allEscaped = (text: string) =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase().replace('U', 'u')}`)
    .join('');

/** How the text may stand in a file. */
function spellings(text: string): string[] {
  return [text, json(text), ascii(text), allEscaped(text), json(text).replaceAll('/', '\\/'), json(json(text))];
}

/** Files below a folder that hold the text in some spelling; found by nothing of ours. */
async function holders(root: string, text: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const lower = bytes.toString('latin1').toLowerCase();
    const isIn = spellings(text).some((spelling) =>
      lower.includes(Buffer.from(spelling).toString('latin1').toLowerCase()),
    );
    if (isIn) found.push(join(entry.parentPath, entry.name).slice(root.length + 1));
  }
  return found.toSorted();
}

async function put(fixture: ChatFixture, path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(fixture.path(path)), { recursive: true });
  await writeFile(fixture.path(path), content);
}

suite('scrub', () => {
  test('no file of the store holds the text afterwards, in any spelling', async () => {
    const fixture = await open();
    const window = fixture.window();
    const { store } = window;
    const spelled = spellings(SECRET).slice(1);
    await writeChat(fixture.root, A, [
      header(A),
      turn(A, 1, `First ${SECRET}`, 'Uno'),
      ...spelled.map((text, at) => JSON.stringify(turn(A, at + 2, 'Q', 'Here: @!')).replace('@', text)),
      { type: 'note', text: SECRET },
      `{"torn":"${json(SECRET)}`,
      `<<<<<<< ${SECRET.split('\n')[0]}\\nline`,
      turn(A, 20, `${'x'.repeat(75)}${SECRET}`, 'Uno'),
      `{"type":"turn","torn":"${ascii(SECRET)}`,
    ]);
    await writeChat(fixture.root, B, [header(B), turn(B, 1, SECRET, SECRET)]);
    await store.update(A, { title: `About ${SECRET.replace('\n', ' ')}` });
    await put(
      fixture,
      `${A}/meta.jsonl`,
      `${JSON.stringify({ title: SECRET, more: [SECRET] })}\n{"title":"${json(SECRET)}`,
    );
    await put(fixture, `${A}/partial-${randomUUID()}.json`, JSON.stringify({ answers: [SECRET] }));
    await put(fixture, `${A}/attachments/notes.txt`, `Notes: ${SECRET} ${SECRET}`);
    await put(
      fixture,
      `${A}/attachments/data.bin`,
      Buffer.concat([Buffer.from([0, 255]), Buffer.from(SECRET), Buffer.from([254])]),
    );
    await put(fixture, '.backup/2026/catalog.json', JSON.stringify({ chats: [{ preview: SECRET }] }));
    await put(fixture, `.backup/2026/${A}/chat.jsonl`, `${JSON.stringify(turn(A, 1, SECRET, SECRET))}\n`);
    await put(fixture, 'catalog.json.bad-1', `{"chats":[{"preview":"${json(SECRET)}`);
    await store.list();
    await store.delete(B);
    const catalog = await fixture.catalog();
    await writeFile(
      fixture.path('catalog.json'),
      JSON.stringify({ ...catalog, chats: [...catalog.chats, { strange: SECRET }], other: SECRET }),
    );
    assert.equal((await holders(fixture.root, SECRET)).length, 10, 'the test has something to find');

    // What the list says and the files do not is put beside them before.
    await store.check();
    const found = await findText(store, SECRET);
    const before = await holders(fixture.root, SECRET);
    const result = await scrub(store, SECRET, options);
    assert.deepEqual(await holders(fixture.root, SECRET), []);
    assert.deepEqual(result, found);
    assert.deepEqual([result.fileCount, result.keptCount, result.refused], [before.length, 0, []]);
    const [entry] = await fixture.window().store.list();
    assert.equal(entry?.preview, `${'x'.repeat(75)}[remo`);
    assert.equal((await findText(store, SECRET)).placeCount, 0);
  });

  test('lines without the text stay byte-identical, in their order, and ids and numbers everywhere', async () => {
    const fixture = await open();
    const lines = [
      JSON.stringify(header(A)),
      '{ "type" : "turn",  "n": 1.0, "big": 12345678901234567890, "caf\\u00e9": "caf\\u00e9" }',
      '',
      'null',
      `{"type":"turn","seq":7,"n":1.0,"text":"the secret, the secret","caf\\u00e9":"caf\\u00e9","big":12345678901234567890}`,
      'not JSON',
      '{"type":"turn","torn',
    ];
    const path = await writeChat(fixture.root, A, lines);
    const result = await scrub(fixture.window().store, 'secret', { ...options, replacement: 'X' });
    assert.equal(await readFile(path, 'utf8'), lines.join('\n').replaceAll('secret', 'X'));
    assert.equal(result.placeCount, 2);
  });

  test('a text that stands nowhere changes no file', async () => {
    const fixture = await open();
    const path = await writeChat(fixture.root, A, [header(A), turn(A, 1, 'One', 'Uno')]);
    const { store } = fixture.window();
    await store.list();
    const before = [await readFile(path), await readFile(fixture.path('catalog.json'))];
    const result = await scrub(store, 'nowhere', options);
    assert.deepEqual(result, { placeCount: 0, fileCount: 0, keptCount: 0, refused: [] });
    assert.deepEqual([await readFile(path), await readFile(fixture.path('catalog.json'))], before);
    assert.equal((await fixture.entries()).includes('.staging'), false);
  });

  test('upper and lower case differ', async () => {
    const fixture = await open();
    await writeChat(fixture.root, A, [header(A), turn(A, 1, 'Secret secret', 'SECRET')]);
    const { store } = fixture.window();
    await scrub(store, 'secret', options);
    const [entry] = await store.list();
    assert.equal(entry?.preview, 'Secret [removed]');
    assert.equal((await fixture.lines(A))[1]?.answer instanceof Object, true);
    assert.match(await readFile(fixture.path(A, 'chat.jsonl'), 'utf8'), /SECRET/);
  });

  test('what makes a record stays, though it is the text, and is counted', async () => {
    const fixture = await open();
    await writeChat(fixture.root, A, [header(A), turn(A, 1, 'It is your turn', 'answers')]);
    const { store } = fixture.window();
    await store.list();
    const turnResult = await scrub(store, 'turn', options);
    assert.deepEqual([turnResult.placeCount, turnResult.keptCount], [2 + 1, 1], 'question and two in the list');
    const result = await scrub(store, 'answers', options);
    assert.deepEqual(
      [result.placeCount, result.keptCount],
      [1, 3],
      'a key of the answer, a key and a type of its types',
    );
    await scrub(store, A.slice(0, 8), options);
    assert.deepEqual(await fixture.lines(A), [header(A), turn(A, 1, 'It is your [removed]', '[removed]')]);
  });

  test('a number is left alone, and counted', async () => {
    const fixture = await open();
    await writeChat(fixture.root, A, [header(A), { ...turn(A, 1, 'pin 12345', 'Uno'), pin: 12345 }]);
    const { placeCount, keptCount } = await scrub(fixture.window().store, '12345', options);
    assert.deepEqual([placeCount, keptCount], [1 + 2, 1], 'the question, and twice in the list');
    assert.equal((await fixture.lines(A))[1]?.pin, 12345);
  });

  test('a blob gets the name of its new content, and what names it follows', async () => {
    const fixture = await open();
    const content = 'api_key = "sk-123456"\n';
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const [before, after] = [hash(content), hash(content.replace('sk-123456', '[removed]'))];
    await writeChat(fixture.root, A, [header(A), { ...turn(A, 1, 'One', 'Uno'), pipeline: { sha256: before } }]);
    await put(fixture, `${A}/blobs/${before}`, content);
    await put(fixture, `${A}/blobs/${hash('other')}`, 'other');
    const result = await scrub(fixture.window().store, 'sk-123456', options);
    assert.equal(result.placeCount, 1);
    assert.deepEqual((await readdir(fixture.path(A, 'blobs'))).toSorted(), [after, hash('other')].toSorted());
    assert.deepEqual((await fixture.lines(A))[1]?.pipeline, { sha256: after });
  });

  test('of the given chats only', async () => {
    const fixture = await open();
    for (const id of [A, B]) {
      await writeChat(fixture.root, id, [header(id), turn(id, 1, 'my secret', 'Uno')]);
      await put(fixture, `.backup/1/${id}/chat.jsonl`, '{"a":"my secret"}\n');
    }
    const { store } = fixture.window();
    await store.list();
    const found = await findText(store, 'secret', [A]);
    const result = await scrub(store, 'secret', { ...options, ids: [A] });
    assert.deepEqual(result, found);
    assert.deepEqual(await holders(fixture.root, 'secret'), [
      `.backup/1/${B}/chat.jsonl`,
      `${B}/chat.jsonl`,
      'catalog.json',
    ]);
    const previews = (await store.list())
      .toSorted((a, b) => a.guid.localeCompare(b.guid))
      .map(({ preview }) => preview);
    assert.deepEqual(previews, ['my [removed]', 'my secret']);
  });

  test('a title that a client gave in the catalog only is scrubbed, and stays the title', async () => {
    const fixture = await open();
    await writeChat(fixture.root, A, [header(A), turn(A, 1, 'secret', 'Uno')]);
    await fixture.window().store.list();
    const catalog = await fixture.catalog();
    await writeFile(
      fixture.path('catalog.json'),
      JSON.stringify({ ...catalog, chats: [{ ...catalog.chats[0], title: 'The secret' }] }),
    );
    const { store } = fixture.window();
    await scrub(store, 'secret', options);
    await store.check();
    assert.equal((await store.list())[0]?.title, 'The [removed]');
    assert.deepEqual(await holders(fixture.root, 'secret'), []);
  });

  test('a chat that is being answered, or of a newer format, is refused by name; the others are scrubbed', async () => {
    const fixture = await open();
    const window = fixture.window();
    const chat = window.open();
    await chat.send('secret of the running', window.context());
    await writeChat(fixture.root, A, [{ ...header(A), schema_version: 2 }, turn(A, 1, 'newer secret', 'Uno')]);
    await writeChat(fixture.root, B, [header(B), turn(B, 1, 'my secret', 'Uno')]);
    const { refused } = await scrub(fixture.window().store, 'secret', options);
    assert.deepEqual(refused.map(({ name }) => name).toSorted(), ['newer secret', 'secret of the running']);
    assert.deepEqual(
      (await holders(fixture.root, 'secret')).filter((path) => path.endsWith('.jsonl')).toSorted(),
      [`${A}/chat.jsonl`, `${chat.chatId}/chat.jsonl`].toSorted(),
    );
  });

  test('a window that has the chat open shows it without the text', async () => {
    const fixture = await open();
    const [a, b] = [fixture.window(), fixture.window()];
    a.engine.isEchoing = true;
    const chat = a.open();
    await chat.send('the secret', a.context());
    await until(chat, () => !chat.isRunning);
    await scrub(b.store, 'secret', options);
    await chat.refresh();
    assert.deepEqual(
      chat.turns.map((shown) => shown.question),
      ['the [removed]'],
    );
    await chat.send('more', a.context());
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(
      (await fixture.lines(chat.chatId)).map(({ type }) => type),
      ['header', 'ask', 'turn', 'ask', 'turn'],
    );
    assert.deepEqual(await holders(fixture.root, 'secret'), []);
  });

  test('a branch that follows a turn without an id follows it still', async () => {
    const fixture = await open();
    const lines = [
      header(A),
      turn(A, 1, 'a secret', 'Uno'),
      turn(A, 2, 'the parent', 'Dos'),
      turn(A, 3, 'the other branch', 'Tres'),
    ];
    const offset = lines.slice(0, 2).reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0);
    await writeChat(fixture.root, A, [
      ...lines,
      { ...turn(A, 4, 'the branch', 'Cuatro'), id: randomUUID(), parent: `at-${offset}`, parent_at: offset },
    ]);
    const window = fixture.window();
    await scrub(window.store, 'secret', { ...options, replacement: 'x' });
    const chat = window.open(A, { isSaved: true });
    await chat.refresh();
    assert.deepEqual(
      chat.turns.map((shown) => shown.question),
      ['a x', 'the parent', 'the branch'],
    );
  });

  test('too short a text, and a replacement that holds it, are refused before anything is written', async () => {
    const { store } = (await open()).window();
    for (const text of ['', 'ab', '  a  ', '😀😀']) {
      assert.equal((await chatErrorOf(() => scrub(store, text, options))).code, 'invalid');
      assert.equal((await chatErrorOf(() => findText(store, text))).code, 'invalid');
    }
    assert.equal((await chatErrorOf(() => scrub(store, 'removed', options))).code, 'invalid');
  });

  test('with a power cut at any operation every line is whole, and a second scrub completes it', async () => {
    const fixture = await open();
    const { store } = fixture.window();
    const lines = (word: string) => [header(A), turn(A, 1, 'first', 'Uno'), turn(A, 2, `my ${word}`, `my ${word}`)];
    const hash = createHash('sha256').update('a secret').digest('hex');
    for (let at = 1; ; at += 1) {
      await writeChat(fixture.root, A, [...lines('secret'), { type: 'note', sha: hash }]);
      await put(fixture, `${A}/blobs/${hash}`, 'a secret');
      await store.check();
      const files = new FaultyFileStore(new LocalFileStore(fixture.root), 'power cut', at);
      const dying = new TestWindow(files);
      await scrub(dying.store, 'secret', options).catch(() => undefined);
      dying.close();
      const kept = (await fixture.lines(A)).map((line) => JSON.stringify(line));
      for (const [index, line] of kept.slice(0, 3).entries()) {
        assert.ok([lines('secret')[index], lines('[removed]')[index]].map((one) => JSON.stringify(one)).includes(line));
      }
      const result = await scrub(store, 'secret', options);
      assert.deepEqual(result.refused, []);
      assert.deepEqual(await holders(fixture.root, 'secret'), [], `at ${files.failed}`);
      const [blob = ''] = await readdir(fixture.path(A, 'blobs'));
      assert.deepEqual((await fixture.lines(A)).at(-1), { type: 'note', sha: blob });
      if (files.failed === undefined) break;
    }
  });
});

suite('TextSwap', () => {
  test('of any JSON, every value is what replacing in it gives, and keys, numbers and the rest stay', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), texts, (value, text) => {
        const plain = JSON.stringify(value);
        // JSON in a string of JSON is replaced too, which plain replacing does not do.
        fc.pre(!plain.includes('\\\\') && text !== '-');
        const before = `{"value":${plain},"key":{${JSON.stringify(text)}:1.0},"escaped":"${allEscaped(text)}-"}`;
        const after = Buffer.from(new TextSwap(text, '[removed]').inJson(Buffer.from(before), false).bytes).toString();
        const expected = JSON.stringify(replaced(value, text));
        assert.equal(after, `{"value":${expected},"key":{${JSON.stringify(text)}:1.0},"escaped":"[removed]-"}`);
      }),
    );
  });
});

function replaced(value: unknown, text: string): unknown {
  if (typeof value === 'string') return value.replaceAll(text, '[removed]');
  if (Array.isArray(value)) return value.map((item) => replaced(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, text)]));
}
