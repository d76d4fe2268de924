import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { setup, suite, teardown, test } from 'mocha';
import type { Conversation } from '../../../src/chats/conversation.ts';
import { encodeRecords, makeHeader, makeTurn, type TurnRecord } from '../../../src/chats/transcriptRecord.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';
import { ChatFixture, PIPELINE_ID, TestWindow, until } from '../../support/chatFixture.ts';
import { HookedFileStore } from '../../support/hookedFileStore.ts';

let fixture: ChatFixture;
let window: TestWindow;

setup(async () => {
  fixture = await ChatFixture.make();
  window = fixture.window();
  window.engine.isEchoing = true;
});
teardown(() => fixture.clean());

async function ask(chat: Conversation, text: string): Promise<void> {
  await chat.send(text, window.context());
  await until(chat, () => !chat.isRunning);
}

async function openWith(...texts: string[]): Promise<Conversation> {
  const chat = window.open();
  for (const text of texts) await ask(chat, text);
  return chat;
}

const questions = (chat: Conversation) => chat.turns.map(({ question }) => question);

/** A transcript of plain turns, put there as another client does. */
async function fill(turnCount: number, change: (turn: TurnRecord, index: number) => TurnRecord = (turn) => turn) {
  const chatId = randomUUID();
  const created = '2026-01-01T00:00:00.000Z';
  const turns = Array.from({ length: turnCount }, (_, index) => {
    const question = makeQuestion(`Question ${index + 1}`, { chatId });
    const answer = { result_types: { answers: 'answers' }, answers: [`Answer ${index + 1}`] };
    return change(
      makeTurn({ seq: index + 1, created, question, answer, id: `turn-${index + 1}`, historySeq: [] }),
      index,
    );
  });
  const bytes = encodeRecords([makeHeader({ guid: chatId, created, pipelineId: PIPELINE_ID }), ...turns]);
  await window.store.files.create(`${chatId}/chat.jsonl`, bytes);
  const chat = window.open(chatId, { isSaved: true });
  await chat.refresh();
  return chat;
}

suite('a transcript that is open', () => {
  for (const how of ['in place', 'by another file'] as const) {
    test(`a turn of ours that an SDK client overwrote ${how} is appended again`, async () => {
      const chat = await openWith('One', 'Two');
      const path = fixture.path(chat.chatId, 'chat.jsonl');
      const whole = await readFile(path, 'utf8');
      const asRead = whole.slice(0, whole.indexOf('"Two"'));
      const before = asRead.slice(0, asRead.lastIndexOf('\n') + 1);
      const theirs = JSON.parse(before.trim().split('\n').at(-1) ?? '');
      const line = JSON.stringify({
        ...theirs,
        id: undefined,
        seq: 2,
        question: { ...theirs.question, questions: [{ text: 'Theirs' }] },
      });
      const target = how === 'in place' ? path : `${path}.theirs`;
      await writeFile(target, `${before}${line}\n`);
      if (target !== path) await rename(target, path);
      await chat.refresh();
      assert.deepEqual(questions(chat), ['One', 'Theirs', 'Two']);
      const seqs = (await fixture.lines(chat.chatId)).flatMap(({ type, seq }) => (type === 'turn' ? [seq] : []));
      assert.deepEqual(seqs, [1, 2, 3]);
      await chat.refresh();
      assert.equal((await fixture.lines(chat.chatId)).length, 6, 'nothing is appended twice');
    });
  }

  test('a longer file in the place of the one that was read is shown as it is', async () => {
    const chat = await openWith('One');
    const path = fixture.path(chat.chatId, 'chat.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('One', 'A rather longer question'));
    await chat.refresh();
    assert.deepEqual(questions(chat), ['A rather longer question']);
  });

  test('a transcript that a merge put together shows every turn of both sides', async () => {
    const chat = await openWith('One');
    const path = fixture.path(chat.chatId, 'chat.jsonl');
    const before = await readFile(path);
    await ask(chat, 'Ours');
    const ours = (await readFile(path)).subarray(before.length).toString();
    const theirs = ours.replaceAll('Ours', 'Theirs').replaceAll(/"id":"[^"]*"/g, `"id":"${randomUUID()}"`);
    await appendFile(path, `<<<<<<< ours\n=======\n${theirs}>>>>>>> theirs\n`);
    await chat.refresh();
    assert.deepEqual(questions(chat), ['One', 'Ours', 'Theirs']);
    await ask(chat, 'Next');
    const last = (await readFile(path, 'utf8')).trim().split('\n').at(-1) ?? '';
    assert.equal(JSON.parse(last).seq, 3);
  });

  test('what is held does not grow with what is asked', async () => {
    const chat = await fill(5_000);
    assert.ok(chat.turns.length >= 50 && chat.turns.length < 150, `${chat.turns.length} turns are a page`);
    let most = 0;
    for (let count = 0; count < 80; count += 1) {
      await ask(chat, `More ${count}`);
      most = Math.max(most, chat.turns.length);
    }
    assert.ok(most <= 151, `${most} turns were held`);
    assert.equal(chat.hasOlder, true);
    const shown = chat.turns.length;
    await chat.loadOlder();
    const all = questions(chat);
    assert.ok(all.length >= shown + 50);
    assert.equal(new Set(all).size, all.length, 'none twice');
    assert.equal(all.at(-1), 'More 79');
    const newest = [
      ...Array.from({ length: 5_000 }, (_, i) => `Question ${i + 1}`),
      ...Array.from({ length: 80 }, (_, i) => `More ${i}`),
    ];
    assert.deepEqual(all, newest.slice(-all.length), 'and none left out');
  });

  test('of a chat with branches the newest is shown', async () => {
    const chat = await fill(200, (turn, index) => (index === 199 ? { ...turn, parent: 'turn-3' } : turn));
    assert.deepEqual(questions(chat), ['Question 1', 'Question 2', 'Question 3', 'Question 200']);
    await ask(chat, 'Further on it');
    assert.equal(questions(chat).length, 5);
    const line = (await fixture.lines(chat.chatId)).at(-1);
    const elsewhere = { ...line, id: randomUUID(), parent: 'turn-199', seq: 202 };
    await appendFile(fixture.path(chat.chatId, 'chat.jsonl'), `${JSON.stringify(elsewhere)}\n`);
    await chat.refresh();
    assert.deepEqual(questions(chat).slice(-2), ['Question 199', 'Further on it']);
    assert.ok(questions(chat).length >= 50);
  });

  test('a turn of several megabytes is a page of its own', async () => {
    const chat = await fill(12, (turn) => ({
      ...turn,
      answer: { result_types: { answers: 'answers' }, answers: ['x'.repeat(2_000_000)] },
    }));
    assert.ok(chat.turns.length < 8, `${chat.turns.length} turns were read`);
    assert.equal(questions(chat).at(-1), 'Question 12');
    await chat.loadOlder();
    assert.ok(chat.turns.length > 8);
  });

  for (const code of ['server-offline', 'server-refused', 'storage'] as const) {
    test(`a read that failed with ${code} is over with the next one that does not`, async () => {
      const { chatId } = await openWith('One');
      let isAway = true;
      const files = new HookedFileStore(new LocalFileStore(fixture.root), ({ path }, work) =>
        isAway && path.startsWith(chatId) ? Promise.reject(new ChatError(code, 'It is away.')) : work(),
      );
      const later = new TestWindow(files);
      const chat = later.open(chatId, { isSaved: true });
      await chat.refresh();
      assert.equal(chat.problem?.code, code === 'storage' ? 'unreadable' : code);
      assert.match(chat.problem?.message ?? '', /can't be read: It is away\./);
      isAway = false;
      await chat.refresh();
      assert.equal(chat.problem, undefined);
      assert.deepEqual(questions(chat), ['One']);
      later.close();
    });
  }
});
