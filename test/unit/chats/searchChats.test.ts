import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { readPage } from '../../../src/chats/readTranscript.ts';
import type { SearchHit } from '../../../src/chats/search/searchChat.ts';
import { type SearchEnd, type SearchOptions, searchChats } from '../../../src/chats/search/searchChats.ts';
import { encodeRecord, makeHeader, makeTurn, type TranscriptRecord } from '../../../src/chats/transcriptRecord.ts';
import { exchanges } from '../../../src/chats/transcriptView.ts';
import type { ByteRange } from '../../../src/files/fileStore.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { type HistoryMessage, makeQuestion, type PipelineResult } from '../../../src/protocol/question.ts';
import { ChatFixture } from '../../support/chatFixture.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { searchByParsing } from '../../support/searchByParsing.ts';

const PYTHON_CHAT = 'd1007eda-0193-461b-acf4-48ea7a482a54';
const MEBIBYTE = 1024 * 1024;
const created = '2026-01-01T00:00:00.000Z';
const chatId = randomUUID();
const question = (text: string, history: HistoryMessage[] = []) => makeQuestion(text, { chatId, history });
const answer = (text: unknown): PipelineResult => ({ result_types: { answers: 'answers' }, answers: [text] });
const header = makeHeader({ guid: chatId, created, pipelineId: 'pipeline-of-chat' });

function turn(asked: string, answered: string, id: string = randomUUID()): TranscriptRecord {
  return makeTurn({ seq: 7, created, question: question(asked), answer: answer(answered), id, historySeq: [] });
}

function ask(text: string, id: string, retryOf?: string): TranscriptRecord {
  return { type: 'ask', created, id, writer: { id: randomUUID() }, question: question(text), retry_of: retryOf };
}

/** A store in memory that counts what is read. */
class CountingFiles extends MemoryFileStore {
  readCount = 0;

  override read(path: string, range?: ByteRange): Promise<Uint8Array> {
    this.readCount += 1;
    return super.read(path, range);
  }
}

async function filesOf(...transcripts: (Uint8Array | TranscriptRecord[])[]): Promise<CountingFiles> {
  const files = new CountingFiles();
  for (const lines of transcripts) {
    const id = files.files.size === 0 ? chatId : randomUUID();
    await files.write(`${id}/chat.jsonl`, Array.isArray(lines) ? Buffer.concat(lines.map(encodeRecord)) : lines);
  }
  return files;
}

const idsOf = (files: MemoryFileStore) => [...files.files.keys()].map((path) => path.slice(0, 36));

async function search(
  files: MemoryFileStore,
  text: string,
  options: Omit<SearchOptions, 'onHit'> = {},
): Promise<SearchEnd & { hits: SearchHit[] }> {
  const hits: SearchHit[] = [];
  const end = await searchChats(files, idsOf(files), text, { ...options, onHit: (hit) => hits.push(hit) });
  return { ...end, hits };
}

/** The places in which `text` is found in a chat of these records, in their order. */
async function placesOf(records: TranscriptRecord[] | Uint8Array, text: string): Promise<string[]> {
  const { hits } = await search(await filesOf(records), text);
  for (const { snippet, start, end } of hits) {
    const hit = snippet.slice(start, end).normalize('NFC').toLowerCase();
    assert.equal(hit, text.normalize('NFC').toLowerCase().replace(/\s+/g, ' '));
  }
  return hits.map(({ place }) => place);
}

/** As Python's json.dumps writes it. */
function inPython(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/[^ -~]/g, escaped);
}

/** With escapes that nobody needs: of every letter that no escape is made of, keys included. */
function inOddJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]|(?<!\\)[a-z]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

suite('searching chats', () => {
  test('a hit says where it stands and shows what is around it', async () => {
    const long = `${'Before it. '.repeat(30)}\nA\n\n  Rare   word\tstands here.\n${'After it. '.repeat(30)}`;
    const { hits, ...end } = await search(await filesOf([header, turn('What?', long, 'turn-1')]), 'rare');
    const [hit] = hits;
    assert.deepEqual(end, { state: 'done', hitCount: 1, unreadable: [] });
    assert.ok(hit);
    const { snippet, start, end: hitEnd, ...place } = hit;
    assert.deepEqual(place, { chatId, turnId: 'turn-1', place: 'answer', seq: 7, created });
    assert.match(snippet, /^….*Before it\. A Rare word stands here\. After it\..*…$/);
    assert.equal(snippet.slice(start, hitEnd), 'Rare');
    assert.ok(snippet.length <= 122);
  });

  test('snippets cut no character in two and stay short when the text that was found is long', async () => {
    for (const shift of ['', ' ']) {
      const { hits } = await search(
        await filesOf([turn(`${'🚉'.repeat(99)}${shift}x${'🚉'.repeat(99)}`, 'y'.repeat(500))]),
        shift ? 'x' : 'y'.repeat(400),
      );
      assert.equal(hits.length, 1);
      for (const { snippet } of hits) assert.ok(snippet.isWellFormed() && snippet.length <= 122, snippet);
    }
  });

  test('case and normal form do not matter, in any script', async () => {
    for (const [stored, text] of [
      ['Der RARE Fall', 'rare'],
      ['ein Café', 'CAFÉ'],
      ['ein Cafe\u0301', 'café'],
      ['ein CAFÉ', 'cafe\u0301'],
      ['Привет', 'пРИВЕТ'],
      ['ΟΔΟΣ', 'οδος'],
      ['οδός', 'ΟΔΌΣ'],
      ['Straße', 'STRAẞE'],
      ['日本語の文', '日本'],
      ['한국어', '한국'.normalize('NFD')],
      ['\u212Bngström', 'ångström'],
      ['Gare 🚉!', '🚉'],
      ['𐐔𐐇', '𐐼𐐯'],
    ] as const) {
      for (const write of [JSON.stringify, inPython]) {
        const line = Buffer.from(`${write(turn('What?', stored))}\n`);
        const { hitCount } = await search(await filesOf(line), text);
        assert.equal(hitCount, 1, `${text} in ${line}`);
      }
    }
    assert.deepEqual(await placesOf([turn('Cafe\u0301', 'Café')], 'cafe'), [], 'an accent makes another letter');
  });

  test('what JSON escapes is found as it reads', async () => {
    const text = 'He said "stop\\go"\nand/or\tleft\u0001.';
    for (const part of ['SAID "stop', 'stop\\go', 'go"\nand', '\n', 'and/or', '\t', '\u0001', '\\']) {
      for (const write of [JSON.stringify, inPython]) {
        const record = turn('What?', text);
        assert.deepEqual(await placesOf(Buffer.from(`${write(record)}\n`), part), ['answer'], part);
      }
    }
    assert.deepEqual(await placesOf([turn('What?', 'a\nb "c"')], 'nb'), [], 'the letter of an escape is no text');
    assert.deepEqual(await placesOf([turn('What?', 'é "c"')], 'u00e9'), []);
  });

  test('letters that nobody had to escape are found', async () => {
    const line = JSON.stringify(turn('What?', 'A rare word')).replace('rare', (word) => word.replace(/./g, escaped));
    assert.deepEqual(await placesOf(Buffer.from(`${line}\n`), 'Rare'), ['answer']);
  });

  test('keys, ids, types, paths and copied history never hit', async () => {
    const record = {
      ...turn('What?', 'Nothing.'),
      question: question('What?', [{ role: 'user', content: 'Only copied here' }]),
      answer: { ...answer({ temperature: 'mild' }), name: 'Question 9', path: 'a/path', objectId: 'object-id' },
      extra: 'only extra',
    };
    const line = Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(record)}\n`);
    for (const text of ['answers', 'history', 'prompt', 'turn', chatId, 'Only copied', 'Question 9', 'a/path']) {
      assert.deepEqual(await placesOf(line, text), [], text);
    }
    for (const text of ['object-id', 'extra', 'pipeline-of-chat', created, 'user', 'temperature', 'result_types']) {
      assert.deepEqual(await placesOf(line, text), [], text);
    }
    assert.deepEqual(await placesOf(line, 'mild'), ['answer'], 'a value of an answer in JSON');
    assert.deepEqual(await placesOf([turn('Which answers?', 'The history.')], 'answers'), ['question']);
  });

  test('a turn of several records hits once in each place, by what is shown of it', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const cancel = (answered: string, isDiscarded?: boolean): TranscriptRecord => ({
      type: 'cancel',
      created,
      id,
      answer: answer(answered),
      is_discarded: isDiscarded,
    });
    const error = { code: 'broken-stream' as const, message: 'The rare stream broke.' };
    const fail: TranscriptRecord = { type: 'fail', created, id, error, answer: answer('rare so far') };
    assert.deepEqual(await placesOf([ask('rare', id), turn('rare', 'A rare one', id)], 'rare'), ['question', 'answer']);
    assert.deepEqual(await placesOf([ask('rare', id)], 'rare'), ['question']);
    assert.deepEqual(await placesOf([ask('What?', id), fail], 'rare'), ['answer']);
    assert.deepEqual(await placesOf([ask('What?', id), cancel('rare so far')], 'rare'), ['answer']);
    assert.deepEqual(await placesOf([ask('rare', id), cancel('rare', true)], 'rare'), [], 'discarded');
    assert.deepEqual(await placesOf([ask('rare', id), fail, ask('Rare!', other, id)], 'rare'), ['question'], 'retried');
    assert.deepEqual(await placesOf([ask('rare', id), ask('Common', other, id)], 'rare'), [], 'retried in other words');
    assert.deepEqual(await placesOf([ask('What?', id), cancel('rare'), turn('What?', 'Full', id)], 'rare'), []);
    assert.deepEqual(await placesOf([fail], 'rare'), [], 'an end of nothing');
  });

  test('chats as the Python SDK writes them are searched, turns named as the views name them', async () => {
    const fixture = await ChatFixture.make('python');
    try {
      const files = new LocalFileStore(fixture.root);
      const { records } = await readPage(files, `${PYTHON_CHAT}/chat.jsonl`, { turnCount: 50 });
      const shown = exchanges(records).map(({ id }) => id);
      for (const text of ['RÉPONSE À', 'réponse à'.normalize('NFD')]) {
        const ids: string[] = [];
        const onHit = (hit: SearchHit) => ids.push(hit.turnId);
        const end = await searchChats(files, [PYTHON_CHAT], text, { onHit });
        assert.deepEqual(ids, shown, text);
        assert.equal(end.state, 'done');
      }
      const { hitCount } = await searchChats(files, [PYTHON_CHAT], 'gare ? 🚉', { onHit: () => undefined });
      assert.equal(hitCount, 2, 'in the question, and in the answer that repeats it');
    } finally {
      await fixture.clean();
    }
  });

  test('torn lines and a tail that is not whole are passed over', async () => {
    const line = encodeRecord(turn('What?', 'A rare word'));
    const torn = line.subarray(0, line.length - 20);
    const bytes = Buffer.concat([torn, Buffer.from('\nrare\n\ufeff'), line, Buffer.from('<<<<<<< rare\n'), torn]);
    assert.deepEqual(await placesOf(bytes, 'rare'), ['answer']);
    assert.deepEqual(await placesOf(torn, 'rare'), []);
    assert.deepEqual(await placesOf(Buffer.alloc(0), 'rare'), []);
  });

  test('a hit at any position about the border of two reads is found once', async () => {
    const question = { type: 'prompt', questions: [{ text: 'What?' }] };
    const line = Buffer.from(`${JSON.stringify({ type: 'turn', created, question, answer: answer('ein Café') })}\n`);
    for (let start = MEBIBYTE - line.length - 2; start <= MEBIBYTE + 2; start += 1) {
      const bytes = Buffer.alloc(start + line.length, ' ');
      bytes.write('\n', start - 1);
      line.copy(bytes, start);
      assert.deepEqual(await placesOf(bytes, 'CAFÉ'), ['answer'], `at ${start}`);
    }
  });

  test('a line that is longer than a read is searched whole, and the lines behind it too', async () => {
    for (const length of [MEBIBYTE, 4 * MEBIBYTE, 5 * MEBIBYTE]) {
      const records = [header, turn('What?', `${'-'.repeat(length)} Rare`), turn('What?', 'rare'), turn('rare', '')];
      assert.deepEqual(await placesOf(records, 'rare'), ['answer', 'answer', 'question']);
    }
  });

  test('a line of more than 64 MiB is left out and told, and the lines behind it are searched', async () => {
    const long = Buffer.concat([Buffer.alloc(64 * MEBIBYTE + 1, 'rare '), Buffer.from('\n')]);
    const lines = [encodeRecord(turn('What?', 'rare')), long, encodeRecord(turn('What?', 'rare'))];
    const { hitCount, unreadable } = await search(await filesOf(Buffer.concat(lines)), 'rare');
    assert.deepEqual([hitCount, unreadable], [2, [chatId]]);
  });

  test('chats that can not be read are told; one that is gone is no error', async () => {
    const bad = randomUUID();
    class BadFiles extends MemoryFileStore {
      override async read(path: string, range?: ByteRange): Promise<Uint8Array> {
        if (path.startsWith(bad)) throw new ChatError('storage', 'The disk reports an error.');
        return super.read(path, range);
      }
    }
    const files = new BadFiles();
    await files.write(`${chatId}/chat.jsonl`, encodeRecord(turn('rare', '')));
    const end = await searchChats(files, [bad, randomUUID(), chatId], 'rare', { onHit: () => undefined });
    assert.deepEqual(end, { state: 'done', hitCount: 1, unreadable: [bad] });
  });

  test('an empty text is found nowhere', async () => {
    const files = await filesOf([turn('What?', 'Much')]);
    assert.equal((await search(files, '')).hitCount, 0);
    assert.equal(files.readCount, 0);
  });

  test('hits come while the search goes on, and a stop ends it with nothing more reported', async () => {
    const files = await filesOf(...Array.from({ length: 100 }, () => [turn('rare', 'rare')]));
    const stop = new AbortController();
    let hitCount = 0;
    const onHit = () => {
      hitCount += 1;
      stop.abort();
    };
    const end = await searchChats(files, idsOf(files), 'rare', { signal: stop.signal, onHit });
    assert.deepEqual([end.state, end.hitCount, hitCount], ['stopped', 1, 1]);
    assert.ok(files.readCount < 20, `read ${files.readCount} times`);
    const none = await searchChats(files, idsOf(files), 'rare', { signal: stop.signal, onHit });
    assert.deepEqual([none.state, none.hitCount, hitCount], ['stopped', 0, 1]);
  });

  test('a search ends when there are more hits than asked for', async () => {
    const files = await filesOf(...Array.from({ length: 10 }, () => [turn('rare', 'rare')]));
    assert.deepEqual(await search(files, 'rare', { maxHits: 20 }).then(({ state, hits }) => [state, hits.length]), [
      'done',
      20,
    ]);
    assert.deepEqual(await search(files, 'rare', { maxHits: 3 }).then(({ state, hits }) => [state, hits.length]), [
      'more',
      3,
    ]);
  });

  test('in a chat of thousands of turns that hit each is told once, in order', async () => {
    const ids = Array.from({ length: 2_500 }, (_, index) => `turn-${index}`);
    const records = ids.flatMap((id) => [ask('rare', id), turn('rare', 'Nothing.', id)]);
    const { hits } = await search(await filesOf(records), 'rare');
    assert.deepEqual(
      hits.map(({ turnId }) => turnId),
      ids,
    );
  });

  test('others get their turn while a search goes on', async () => {
    const answered = 'A common word and another. '.repeat(20_000);
    const files = await filesOf(...Array.from({ length: 30 }, () => [turn('What?', answered)]));
    let isDone = false;
    let turnCount = 0;
    const others = (): void => {
      turnCount += 1;
      if (!isDone) setTimeout(others);
    };
    setTimeout(others);
    await search(files, 'common');
    isDone = true;
    assert.ok(turnCount > 1, `${turnCount} turns`);
  });

  test('finds just what parsing every line finds, whoever wrote the lines', async () => {
    const units = ['a', 'B', 'b', 'e', 'é', 'É', 'e\u0301', 'ж', 'Ж', '\u1e9e', 'ß', '🚉', '"', '\\', '\n', '/'];
    const text = fc.array(fc.constantFrom(...units), { maxLength: 8 }).map((all) => all.join(''));
    const id = fc.constantFrom('id-a', 'id-b', 'id-c');
    const rarely = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, value);
    const base = { created: fc.constant(created), id };
    const answers = fc.oneof(text, fc.record({ a: text, e: fc.tuple(text, fc.nat()) })).map(answer);
    const record = fc.oneof(
      fc.record({
        ...base,
        type: fc.constant('ask'),
        question: text.map((one) => question(one)),
        writer: fc.constant({ id: randomUUID() }),
        retry_of: rarely(fc.oneof(id, fc.constant('at-0'))),
      }),
      fc.record({
        ...base,
        type: fc.constant('turn'),
        id: fc.option(id, { nil: undefined }),
        question: text.map((one) => question(one, [{ role: 'user', content: 'aBe' }])),
        answer: answers,
      }),
      fc.record({
        ...base,
        type: fc.constant('fail'),
        error: text.map((message) => ({ code: 'internal', message })),
        answer: answers,
      }),
      fc.record({ ...base, type: fc.constant('cancel'), is_discarded: rarely(fc.constant(true)), answer: answers }),
      fc.constant({ created, type: 'cancel', id: 'at-0', is_discarded: true }),
    );
    const writers = [JSON.stringify, inPython, inOddJson, (value: unknown) => JSON.stringify(value).slice(0, -8)];
    const line = fc.tuple(record, fc.constantFrom(...writers)).map(([value, write]) => `${write(value)}\n`);
    const needle = fc.array(fc.constantFrom(...units), { minLength: 1, maxLength: 2 }).map((all) => all.join(''));
    let foundCount = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), needle, async (lines, wanted) => {
        const bytes = Buffer.from(lines.join(''));
        const { hits } = await search(await filesOf(bytes), wanted);
        foundCount += hits.length;
        assert.deepEqual(
          hits.map(({ turnId, place }) => ({ turnId, place })),
          searchByParsing(bytes, wanted),
        );
      }),
      { numRuns: 1_000 },
    );
    assert.ok(foundCount > 100, `only ${foundCount} hits`);
  });
});
