import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { readFrom, readPage, scanTranscript } from '../../../src/chats/readTranscript.ts';
import { decodeRecord, encodeRecord, makeHeader, makeTurn } from '../../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';

const chatId = randomUUID();

function turn(seq: number, text: string, answer = 'Answer') {
  return makeTurn({
    seq,
    created: '2026-01-01T00:00:00.000Z',
    question: makeQuestion(text, { chatId }),
    answer: { result_types: { answers: 'answers' }, answers: [answer] },
    id: randomUUID(),
    historySeq: [],
  });
}

async function fileOf(...lines: Uint8Array[]): Promise<MemoryFileStore> {
  const files = new MemoryFileStore();
  await files.write('chat', Buffer.concat(lines));
  return files;
}

const header = encodeRecord(makeHeader({ guid: chatId, created: '2026-01-01T00:00:00.000Z', pipelineId: 'p' }));

suite('transcript records', () => {
  test('decode(encode(x)) is x for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.jsonValue(),
        (text, answer, extra) => {
          const record = { ...turn(1, text, answer), extra };
          const line = Buffer.from(encodeRecord(record)).toString();
          assert.equal(line.indexOf('\n'), line.length - 1);
          assert.deepEqual(decodeRecord(line), JSON.parse(JSON.stringify(record)));
        },
      ),
    );
  });

  test('nothing that a line may hold makes the reader throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void decodeRecord(line)));
    for (const line of [
      'null',
      '3',
      '"x"',
      '[]',
      '{}',
      '{"type":"turn"}',
      '<<<<<<< HEAD',
      '{"type":"later"}',
      '\uFEFF',
    ]) {
      assert.equal(decodeRecord(line), undefined, line);
    }
  });
});

suite('reading a transcript', () => {
  test('lines that can not be read are counted and hide nothing else', async () => {
    const files = await fileOf(
      header,
      Buffer.from('\n<<<<<<< HEAD\nnull\n'),
      encodeRecord(turn(1, 'One')),
      Buffer.from('{"type":"turn","seq":2,"crea\n'),
      encodeRecord(turn(3, 'Three')),
      Buffer.from('{"type":"tu'),
    );
    const page = await readPage(files, 'chat', { turnCount: 50 });
    assert.deepEqual(
      page.records.map(({ record }) => record.type),
      ['header', 'turn', 'turn'],
    );
    assert.equal(page.unreadableCount, 3);
    assert.equal(await scanTranscript(files, 'chat', () => undefined), 4, 'the torn tail counts in a scan');
  });

  test('pages from the end hold every turn once, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (sizes, turnCount) => {
          const turns = sizes.map((size, index) => turn(index + 1, 'é'.repeat(size)));
          const files = await fileOf(header, ...turns.map(encodeRecord));
          const seqs: unknown[] = [];
          for (let end: number | undefined; end !== 0; ) {
            const page = await readPage(files, 'chat', { end, turnCount });
            seqs.unshift(...page.records.flatMap(({ record }) => (record.type === 'turn' ? [record.seq] : [])));
            end = page.start;
          }
          assert.deepEqual(
            seqs,
            turns.map(({ seq }) => seq),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('reading on from the end of a page takes up what came since, whole lines only', async () => {
    const files = await fileOf(header, encodeRecord(turn(1, 'One')));
    const page = await readPage(files, 'chat', { turnCount: 50 });
    const line = encodeRecord(turn(2, 'Two'));
    await files.write('chat', Buffer.concat([await files.read('chat'), line.subarray(0, 20)]));
    const torn = await readFrom(files, 'chat', page.end);
    assert.deepEqual([torn.records.length, torn.end], [0, page.end]);
    await files.write('chat', Buffer.concat([(await files.read('chat')).subarray(0, page.end), line]));
    assert.equal((await readFrom(files, 'chat', page.end)).records.length, 1);
  });

  test('a transcript cut at every byte gives every whole line', async () => {
    const whole = await readFile(
      new URL('../../fixtures/typescript/.chats/84578103-ade5-4eeb-a76f-c6361f47de20/chat.jsonl', import.meta.url),
    );
    for (let length = 0; length <= whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      const files = await fileOf(cut);
      const page = await readPage(files, 'chat', { turnCount: 50 });
      assert.equal(page.records.length, cut.toString('latin1').split('\n').length - 1, `cut at ${length}`);
    }
  });
});
