import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setup, suite, teardown, test } from 'mocha';
import { check, checkList, checkVersion } from '../../torture/checker.ts';
import type { TortureEvent, TortureEventKind } from '../../torture/tortureEvent.ts';

const chat = randomUUID();
let root: string;
let events: TortureEvent[];
let transcript: string[];
let meta: string[];
let catalog: { version: number; chats: { guid: string; title: string; message_count: number }[] };

const ask = (id: string) => JSON.stringify({ type: 'ask', id, question: { questions: [{ text: id }] } });
const turn = (seq: number, id: string, answer = `Answer to ${id}`) =>
  JSON.stringify({ type: 'turn', seq, question: { questions: [{ text: id }] }, answer: { answers: [answer] }, id });

setup(async () => {
  root = await mkdtemp(join(tmpdir(), 'checker-'));
  await mkdir(join(root, chat));
  transcript = [JSON.stringify({ type: 'header' }), ask('a'), turn(1, 'a'), ask('b'), turn(2, 'b')];
  meta = [JSON.stringify({ title: 'Old' }), JSON.stringify({ title: 'New' })];
  catalog = { version: 5, chats: [{ guid: chat, title: 'New', message_count: 2 }] };
  events = [];
  hear({ event: 'created', chat });
  for (const id of ['a', 'b']) hear({ event: 'asked', chat, id, text: id }, { event: 'answered', chat, id });
  for (const title of ['Old', 'New']) hear({ event: 'renaming', chat, title }, { event: 'renamed', chat, title });
  for (let version = 1; version <= catalog.version; version += 1) hear({ event: 'wrote', version });
});
teardown(() => rm(root, { recursive: true, force: true }));

function hear(...kinds: TortureEventKind[]): void {
  for (const kind of kinds) events.push({ ...kind, at: events.length });
}

async function violations(kills = 0): Promise<string> {
  await writeFile(join(root, chat, 'chat.jsonl'), `${transcript.join('\n')}\n`);
  await writeFile(join(root, chat, 'meta.jsonl'), `${meta.join('\n')}\n`);
  await writeFile(join(root, 'catalog.json'), JSON.stringify(catalog));
  const listed = catalog.chats.map(({ guid, title }) => ({ guid, title }));
  const found = [
    ...check(root, events, kills).violations,
    ...checkList(listed, events),
    ...checkVersion(root, events, true),
  ];
  return found.join('\n').replaceAll(chat, 'ID');
}

suite('the checker of the torture', () => {
  test('finds nothing where nothing is wrong', async () => {
    assert.equal(await violations(), '');
  });

  test('sees a question, a turn or an answer that is lost', async () => {
    transcript.splice(3, 2);
    assert.match(await violations(), /ask b is lost\n.*turn b is lost/);
    transcript.push(ask('b'), turn(2, 'b', 'Something else'));
    assert.match(await violations(), /turn b has another answer/);
  });

  test('sees what is there twice, and a seq that does not rise by one', async () => {
    transcript.push(ask('b'), turn(2, 'b'));
    assert.match(await violations(), /ask b is there twice\n.*turn b is there twice/);
    transcript.splice(5, 2);
    transcript[4] = turn(1, 'b');
    assert.match(await violations(), /turn number 2 has seq 1/);
    transcript[4] = turn(3, 'b');
    assert.match(await violations(), /turn number 2 has seq 3/);
  });

  test('a half line is a violation, except after a kill', async () => {
    transcript.splice(3, 0, '{"type":"ask","id":"c","que');
    assert.match(await violations(), /unreadable line/);
    assert.equal(await violations(1), '');
    transcript.splice(3, 0, '{"type":"ask"', 'glued');
    assert.match(await violations(1), /unreadable line "glued"/);
    assert.match(await violations(1), /2 torn lines by 1 kills/);
  });

  test('sees a title that was replaced, in the folder or in the catalog', async () => {
    meta.reverse();
    assert.match(await violations(), /title "Old" in its folder, where there can be New/);
    meta.reverse();
    catalog.chats[0] = { guid: chat, title: 'Untitled chat', message_count: 2 };
    assert.match(await violations(), /title "Untitled chat", where there can be New/);
    assert.match(await violations(), /listed as "Untitled chat"/);
  });

  test('of two renames at the same time either may stand', async () => {
    hear({ event: 'renaming', chat, title: 'One' }, { event: 'renaming', chat, title: 'Two' });
    hear({ event: 'renamed', chat, title: 'One' }, { event: 'renamed', chat, title: 'Two' });
    catalog.version += 1;
    hear({ event: 'wrote', version: 6 });
    meta.push(JSON.stringify({ title: 'One' }));
    catalog.chats[0] = { guid: chat, title: 'Two', message_count: 2 };
    assert.equal(await violations(), '');
  });

  test('sees a chat that is missing, and one that came back after its delete', async () => {
    catalog.chats = [];
    assert.match(await violations(), /missing from the catalog\n.*missing from the list/);
    catalog.chats = [{ guid: chat, title: 'New', message_count: 2 }];
    hear({ event: 'deleting', chat }, { event: 'deleted', chat });
    assert.match(await violations(), /deleted, and in the catalog\n.*deleted, and its folder is there/);
  });

  test('sees a count that is off by one, and a refusal', async () => {
    catalog = { ...catalog, chats: [{ guid: chat, title: 'New', message_count: 1 }] };
    hear({ event: 'refused', chat, code: 'contended', message: 'Busy.' });
    const found = await violations();
    assert.match(found, /1 turns listed of 2/);
    assert.match(found, /refused as contended: Busy/);
  });

  test('sees a version that was given twice, left out, or written for nothing', async () => {
    hear({ event: 'wrote', version: 5 });
    assert.match(await violations(), /version 5 was written as number 6\n.*version 5 after 6 writes/);
    events.pop();
    hear({ event: 'wrote', version: 7 });
    assert.match(await violations(), /version 7 was written as number 6/);
    events.pop();
    hear({ event: 'wrote', version: 6 });
    catalog.version = 6;
    assert.match(await violations(), /version 6 after 5 changes/);
  });
});
