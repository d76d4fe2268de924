import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setup, suite, teardown, test } from 'mocha';
import { PartialFailure } from '../../../src/engine/engine.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { ChatFixture, PIPELINE_ID, type TestWindow, until } from '../../support/chatFixture.ts';

let fixture: ChatFixture;
let window: TestWindow;

setup(async () => {
  fixture = await ChatFixture.make();
  window = fixture.window();
});
teardown(() => fixture.clean());

suite('Conversation', () => {
  test('a question is on disk before the engine is called', async () => {
    const chat = window.open();
    const turnId = await chat.send('What changed?', window.context());
    const lines = await fixture.lines(chat.chatId);
    assert.deepEqual(
      lines.map((line) => line.type),
      ['header', 'ask'],
    );
    assert.equal(lines[1]?.id, turnId);
    const asked = await window.engine.next();
    asked.answer('This and that.');
    await until(chat, () => !chat.isRunning);
    assert.equal((await fixture.lines(chat.chatId)).at(-1)?.type, 'turn');
  });

  test('a turn line has the shape of the SDKs, with the history left out', async () => {
    const chat = window.open();
    window.engine.isEchoing = true;
    await chat.send('One', window.context());
    await until(chat, () => !chat.isRunning);
    await chat.send('Two', window.context());
    await until(chat, () => !chat.isRunning);
    const [header, , first, , second] = await fixture.lines(chat.chatId);
    assert.deepEqual(Object.keys(header ?? {}), ['type', 'schema_version', 'guid', 'created', 'pipeline_id']);
    assert.deepEqual(Object.keys(first ?? {}).slice(0, 6), [
      'type',
      'schema_version',
      'seq',
      'created',
      'question',
      'answer',
    ]);
    assert.deepEqual([first?.seq, second?.seq], [1, 2]);
    assert.deepEqual(second?.history_seq, [1]);
    const question = second?.question;
    assert.ok(typeof question === 'object' && question !== null && 'history' in question && 'chat_id' in question);
    assert.deepEqual(question.history, []);
    assert.equal(question.chat_id, chat.chatId);
  });

  test('the engine gets the last messages, failures left out', async () => {
    const chat = window.open();
    const context = window.context({ historyMessages: 2 });
    await chat.send('One', context);
    (await window.engine.next()).answer('First');
    await chat.send('Two', context);
    (await window.engine.next()).fail(new ChatError('model-error', 'The model failed.'));
    await chat.send('Three', context);
    const asked = await window.engine.next();
    assert.deepEqual(asked.request.question.history, [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'First' },
    ]);
  });

  test('two sends in a row make one chat, and get seq 1 and 2', async () => {
    window.engine.isEchoing = true;
    const chat = window.open();
    await Promise.all([chat.send('One', window.context()), chat.send('Two', window.context())]);
    await until(chat, () => !chat.isRunning);
    assert.equal((await window.store.list()).length, 1);
    const turns = (await fixture.lines(chat.chatId)).filter((line) => line.type === 'turn');
    assert.deepEqual(
      turns.map((turn) => turn.seq),
      [1, 2],
    );
    assert.equal((await fixture.catalog()).chats[0]?.message_count, 2);
  });

  test('streamed text is shown while it comes and replaced by the answer', async () => {
    const chat = window.open();
    const streamed: string[] = [];
    chat.onDidStream(({ text }) => streamed.push(text));
    await chat.send('Tell me', window.context());
    const asked = await window.engine.next();
    asked.chunk('Once ');
    asked.chunk('upon');
    assert.equal(chat.turns[0]?.state, 'running');
    assert.equal(chat.turns[0]?.parts[0]?.text, 'Once upon');
    asked.answer('Once upon a time.');
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(streamed, ['Once ', 'upon']);
    assert.equal(chat.turns[0]?.state, 'done');
    assert.equal(chat.turns[0]?.parts[0]?.text, 'Once upon a time.');
  });

  test('stop keeps what had arrived', async () => {
    const chat = window.open();
    await chat.send('Tell me', window.context());
    (await window.engine.next()).chunk('Once upon');
    chat.stop();
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.state, 'stopped');
    assert.equal(chat.turns[0]?.parts[0]?.text, 'Once upon');
    assert.equal((await fixture.lines(chat.chatId)).at(-1)?.type, 'cancel');
  });

  test('what a stop meant is told after a reload too', async () => {
    const chat = window.open();
    await chat.send('One', window.context());
    (await window.engine.next()).fail(new ChatError('stopped', 'Stopped. The pipeline goes on there.'));
    await until(chat, () => !chat.isRunning);
    const again = fixture.window().open(chat.chatId, { isSaved: true });
    await again.refresh();
    const [turn] = again.turns;
    assert.deepEqual([turn?.state, turn?.error?.message], ['stopped', 'Stopped. The pipeline goes on there.']);
  });

  test('what a failed pipeline had answered is kept with the failure', async () => {
    const chat = window.open();
    await chat.send('One', window.context());
    const half = { result_types: { answers: 'answers' }, answers: ['Half'] };
    (await window.engine.next()).fail(new PartialFailure('server-error', 'A node failed.', half));
    await until(chat, () => !chat.isRunning);
    const [turn] = chat.turns;
    assert.deepEqual([turn?.state, turn?.error?.message, turn?.parts[0]?.text], ['failed', 'A node failed.', 'Half']);
  });

  test('a failure is kept with its sentence, and retry takes its place', async () => {
    const chat = window.open();
    const failed = await chat.send('Tell me', window.context());
    (await window.engine.next()).fail(new ChatError('unreachable', 'Nothing answers at the model.'));
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(chat.turns[0]?.error, { code: 'unreachable', message: 'Nothing answers at the model.' });
    await chat.resolve(failed, 'retry', async () => window.context());
    (await window.engine.next()).answer('Here I am.');
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(
      chat.turns.map(({ state, question }) => [state, question]),
      [['done', 'Tell me']],
    );
    assert.equal((await fixture.lines(chat.chatId)).length, 5, 'nothing was taken out of the file');
  });

  test('a defect of the engine crosses as a sentence without its stack', async () => {
    const chat = window.open();
    await chat.send('Tell me', window.context());
    (await window.engine.next()).fail(new TypeError('secret detail'));
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.error?.code, 'internal');
    assert.equal(window.logged.length, 1, 'the log has it');
    assert.doesNotMatch(await readFile(fixture.path(chat.chatId, 'chat.jsonl'), 'utf8'), /secret detail/);
  });

  test('a result without a value that can be shown is a failure', async () => {
    const chat = window.open();
    await chat.send('Tell me', window.context());
    (await window.engine.next()).end({ name: 'q', path: '' });
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.error?.code, 'no-answer');
  });

  test('an ask whose window is gone is interrupted also among the older turns', async () => {
    const chat = window.open();
    await chat.send('Never answered', window.context());
    // A killed window writes no end, and holds no lock.
    window.store.writer.dispose();
    const other = fixture.window();
    other.engine.isEchoing = true;
    const same = other.open(chat.chatId, { isSaved: true });
    await same.refresh();
    for (let number = 1; number <= 120; number += 1) {
      await same.send(`Question ${number} `.padEnd(3000, '.'), other.context());
      await until(same, () => !same.isRunning);
    }
    const third = fixture.window();
    const read = third.open(chat.chatId, { isSaved: true });
    await read.refresh();
    assert.equal(read.hasOlder, true);
    await read.loadOlder();
    assert.equal(read.turns[0]?.state, 'interrupted');
  });

  test('an ask whose window is gone is interrupted, and can be kept, discarded or asked again', async () => {
    const chat = window.open();
    await chat.send('One', window.context());
    await chat.send('Two', window.context());
    await chat.send('Three', window.context());
    // A killed window writes no end: it is closed while the engine owes its answers.
    const other = fixture.window();
    window.store.dispose();
    const seen = other.open(chat.chatId, { isSaved: true });
    await seen.refresh();
    assert.deepEqual(
      seen.turns.map(({ state }) => state),
      ['interrupted', 'interrupted', 'interrupted'],
    );
    const [one, two, three] = seen.turns.map(({ id }) => id);
    await seen.resolve(one ?? '', 'keep', async () => other.context());
    await seen.resolve(two ?? '', 'discard', async () => other.context());
    await seen.resolve(three ?? '', 'retry', async () => other.context());
    (await other.engine.next()).answer('Three it is');
    await until(seen, () => !seen.isRunning);
    assert.deepEqual(
      seen.turns.map(({ state, question }) => [state, question]),
      [
        ['stopped', 'One'],
        ['done', 'Three'],
      ],
    );
  });

  test('what had streamed when the window died is there, and Keep keeps it', async () => {
    const chat = window.open();
    const turnId = await chat.send('Tell me', window.context());
    const kept = fixture.path(chat.chatId, `partial-${turnId}.json`);
    const asked = await window.engine.next();
    asked.chunk('Once upon');
    const seen = fixture.window().open(chat.chatId, { isSaved: true });
    while (seen.turns[0]?.parts[0]?.text !== 'Once upon') await seen.refresh();
    assert.deepEqual(
      seen.turns.map(({ state }) => state),
      ['elsewhere'],
    );
    window.store.dispose();
    while (seen.turns[0]?.state !== 'interrupted') await seen.refresh();
    assert.equal(seen.turns[0]?.parts[0]?.text, 'Once upon');
    await seen.resolve(turnId, 'keep', async () => window.context());
    assert.deepEqual(
      seen.turns.map(({ state, parts }) => [state, parts[0]?.text]),
      [['stopped', 'Once upon']],
    );
    assert.equal(existsSync(kept), false);
  });

  test('nothing is left of a partial answer once the answer is there, and it brings no deleted chat back', async () => {
    const chat = window.open();
    await chat.send('Tell me', window.context());
    const asked = await window.engine.next();
    asked.chunk('Once upon');
    while (!(await readdir(fixture.path(chat.chatId))).some((name) => name.startsWith('partial-')))
      await chat.refresh();
    asked.answer('Once upon a time.');
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(await readdir(fixture.path(chat.chatId)), ['chat.jsonl']);
    await chat.send('More', window.context());
    const more = await window.engine.next();
    await fixture.window().store.delete(chat.chatId);
    more.chunk('And then');
    more.answer('The end.');
    await until(chat, () => !chat.isRunning);
    assert.equal(existsSync(fixture.path(chat.chatId)), false);
  });

  test('the locks of windows that are gone are cleared away, those of living ones stay', async () => {
    const other = fixture.window();
    window.engine.isEchoing = true;
    other.engine.isEchoing = true;
    for (const each of [window, other]) {
      const chat = each.open();
      await chat.send('Question', each.context());
      await until(chat, () => !chat.isRunning);
    }
    const writers = async () => (await readdir(fixture.path('.locks'))).filter((name) => name.startsWith('writer-'));
    assert.equal((await writers()).length, 2);
    other.store.dispose();
    const third = fixture.window();
    await third.store.prepare();
    assert.deepEqual(
      (await writers()).toSorted(),
      [window, third].map(({ store }) => `writer-${store.writer.id}`).toSorted(),
    );
  });

  test('while the other window lives, its ask is answering elsewhere, and its answer arrives', async () => {
    const other = fixture.window();
    const chat = window.open();
    await chat.send('Question', window.context());
    const seen = other.open(chat.chatId, { isSaved: true });
    await seen.refresh();
    assert.equal(seen.turns[0]?.state, 'elsewhere');
    assert.equal(seen.isWaitingForOthers, true);
    (await window.engine.next()).answer('Answer');
    await until(chat, () => !chat.isRunning);
    await seen.refresh();
    assert.equal(seen.turns[0]?.state, 'done');
    assert.equal(seen.isWaitingForOthers, false);
  });

  test('two windows on one chat lose no turn and give no seq twice', async () => {
    const other = fixture.window();
    window.engine.isEchoing = true;
    other.engine.isEchoing = true;
    const mine = window.open();
    await mine.send('0', window.context());
    await until(mine, () => !mine.isRunning);
    const theirs = other.open(mine.chatId, { isSaved: true });
    await theirs.refresh();
    const version = (await fixture.catalog()).version;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 ? mine.send(`${n}`, window.context()) : theirs.send(`${n}`, other.context()),
      ),
    );
    await until(mine, () => !mine.isRunning);
    await until(theirs, () => !theirs.isRunning);
    const turns = (await fixture.lines(mine.chatId)).filter((line) => line.type === 'turn');
    assert.deepEqual(
      turns.map(({ seq }) => seq),
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
    const catalog = await fixture.catalog();
    // An end that reaches the catalog after a later one of the same chat has nothing left to change there.
    assert.ok(catalog.version > version && catalog.version <= version + 20, `${catalog.version - version} changes`);
    assert.equal(catalog.chats[0]?.message_count, 21);
    await Promise.all([mine.refresh(), theirs.refresh()]);
    assert.deepEqual(
      mine.turns.map(({ id }) => id),
      theirs.turns.map(({ id }) => id),
    );
    assert.equal(new Set(mine.turns.map(({ id }) => id)).size, 21);
  });

  test('a chat deleted while it answers stays deleted', async () => {
    const other = fixture.window();
    const chat = window.open();
    await chat.send('Question', window.context());
    const asked = await window.engine.next();
    await other.store.delete(chat.chatId);
    asked.answer('Too late');
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(await window.store.list(), []);
    assert.equal((await fixture.entries()).includes(chat.chatId), false);
    assert.deepEqual((await fixture.catalog()).chats, []);
    await chat.refresh();
    assert.equal(chat.isGone, true);
    await assert.rejects(chat.send('More', window.context()), { code: 'not-found' });
  });

  test('a chat that is restored goes on where it was', async () => {
    window.engine.isEchoing = true;
    const chat = window.open();
    await chat.send('Before', window.context());
    await until(chat, () => !chat.isRunning);
    const other = fixture.window();
    const names = await other.store.delete(chat.chatId);
    await chat.refresh();
    assert.equal(chat.isGone, true);
    await other.store.trash.restore(...names);
    await chat.refresh();
    assert.equal(chat.isGone, false);
    await chat.send('After', window.context());
    await until(chat, () => !chat.isRunning);
    assert.deepEqual(
      chat.turns.map(({ question, state }) => [question, state]),
      [
        ['Before', 'done'],
        ['After', 'done'],
      ],
    );
  });

  test('a chat of which nothing can be read says so, and is not continued', async () => {
    window.engine.isEchoing = true;
    const chat = window.open();
    await chat.send('Question', window.context());
    await until(chat, () => !chat.isRunning);
    await writeFile(fixture.path(chat.chatId, 'chat.jsonl'), '{"type":"turn","torn\n\u0000\u0000\n');
    const next = fixture.window().open(chat.chatId, { isSaved: true });
    await next.refresh();
    assert.equal(next.problem?.code, 'unreadable');
    await assert.rejects(next.send('More', window.context()), { code: 'unreadable' });
  });

  test('a chat renamed while it answers keeps both', async () => {
    const chat = window.open();
    await chat.send('Question', window.context());
    const asked = await window.engine.next();
    await window.store.update(chat.chatId, { title: 'My title' });
    asked.answer('Answer');
    await until(chat, () => !chat.isRunning);
    const [entry] = await window.store.list();
    assert.deepEqual([entry?.title, entry?.message_count], ['My title', 1]);
  });

  test('with saving off nothing appears on disk, and save puts the turns there later', async () => {
    const chat = window.open();
    window.engine.isEchoing = true;
    await chat.send('One', window.context({ isSaving: false }));
    await chat.send('Two', window.context({ isSaving: false }));
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns.length, 2);
    assert.deepEqual(await fixture.entries(), []);
    await chat.save(window.store, PIPELINE_ID);
    assert.equal(chat.isSaved, true);
    const turns = (await fixture.lines(chat.chatId)).filter((line) => line.type === 'turn');
    assert.deepEqual(
      turns.map(({ seq }) => seq),
      [1, 2],
    );
    const [entry] = await window.store.list();
    assert.deepEqual([entry?.message_count, entry?.preview, entry?.first_question], [2, 'Two', 'One']);
    await chat.send('Three', window.context());
    await until(chat, () => !chat.isRunning);
    assert.equal((await fixture.lines(chat.chatId)).at(-1)?.seq, 3);
  });

  test('a private chat is never written, whatever the pipeline says', async () => {
    const chat = window.open(undefined, { isPrivate: true });
    window.engine.isEchoing = true;
    await chat.send('One', window.context());
    await until(chat, () => !chat.isRunning);
    await chat.save(window.store, PIPELINE_ID);
    assert.deepEqual(await fixture.entries(), []);
    assert.equal(chat.turns[0]?.state, 'done');
  });

  test('a folder that can not be written refuses the question with a sentence, and calls no engine', async () => {
    await writeFile(fixture.root, 'a file in the place of the folder');
    const chat = window.open();
    await assert.rejects(chat.send('One', window.context()), (error) => {
      assert.ok(error instanceof ChatError);
      assert.equal(error.code, 'storage');
      return true;
    });
    assert.equal(window.engine.unansweredCount, 0);
    assert.equal(chat.isRunning, false);
    await rm(fixture.root);
    window.engine.isEchoing = true;
    await chat.send('One', window.context());
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.state, 'done');
  });

  test('an answer that the disk refuses is shown with the reason, and retry saves it', async () => {
    const chat = window.open();
    const turnId = await chat.send('One', window.context());
    const asked = await window.engine.next();
    const path = fixture.path(chat.chatId, 'chat.jsonl');
    const before = await readFile(path);
    // As root no permission stops a write, so a folder takes the file's place for a while.
    await rm(path);
    await mkdir(path);
    asked.answer('Precious');
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.state, 'failed');
    assert.equal(chat.turns[0]?.parts[0]?.text, 'Precious');
    assert.match(chat.turns[0]?.error?.message ?? '', /could not be saved/);
    await rm(path, { recursive: true });
    await writeFile(path, before);
    await chat.resolve(turnId, 'retry', async () => window.context());
    assert.equal(chat.turns[0]?.state, 'done');
    assert.equal((await fixture.lines(chat.chatId)).at(-1)?.type, 'turn');
  });

  test('the last turns are loaded first, older ones on demand', async () => {
    window.engine.isEchoing = true;
    const chat = window.open();
    for (let n = 1; n <= 3; n += 1) {
      await chat.send(`Question ${n} ${'x'.repeat(40_000)}`, window.context({ historyMessages: 0 }));
      await until(chat, () => !chat.isRunning);
    }
    const size = (await readFile(fixture.path(chat.chatId, 'chat.jsonl'))).length;
    assert.ok(size > 300_000);
    const reopened = fixture.window().open(chat.chatId, { isSaved: true });
    await reopened.refresh();
    assert.equal(reopened.turns.length, 3);
    assert.equal(reopened.hasOlder, false);
  });
});
