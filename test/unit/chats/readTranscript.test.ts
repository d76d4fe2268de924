import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { BranchFilter } from '../../../src/chats/branchFilter.ts';
import { readOn, readPage, scanTranscript } from '../../../src/chats/readTranscript.ts';
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

async function seqsOf(files: MemoryFileStore, branch: boolean, turnCount: number): Promise<unknown[]> {
  const filter = branch ? new BranchFilter() : undefined;
  const seqs: unknown[] = [];
  for (let end: number | undefined; end !== 0; ) {
    const page = await readPage(files, 'chat', { end, turnCount, branch: filter });
    seqs.unshift(...page.records.flatMap(({ record }) => (record.type === 'turn' ? [record.seq] : [])));
    end = page.start;
  }
  return seqs;
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

  test('a turn whose question other writers shaped otherwise is read all the same', () => {
    const question = {
      type: null,
      expectJson: null,
      instructions: null,
      history: 'none',
      questions: [{ text: 'Asked' }],
    };
    const record = decodeRecord(JSON.stringify({ ...turn(1, 'Asked'), question }));
    assert.deepEqual(record?.type === 'turn' && record.question, question);
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
          assert.deepEqual(
            await seqsOf(files, false, turnCount),
            turns.map(({ seq }) => seq),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a branch is followed back past what belongs to others, with a hint or without', async () => {
    const turns = Array.from({ length: 2000 }, (_, index) => turn(index + 1, `Question ${index + 1}`, 'x'.repeat(200)));
    const lines = turns.map(encodeRecord);
    const at = [header, ...lines.slice(0, 4)].reduce((sum, { length }) => sum + length, 0);
    const parent = turns[4]?.id;
    for (const hint of [{ parent_at: at }, {}, { parent_at: at + 7 }, { parent_at: 10 ** 9 }]) {
      const first = { ...turn(2001, 'Another way', 'y'), parent, ...hint };
      const files = await fileOf(header, ...lines, encodeRecord(first), encodeRecord(turn(2002, 'Further on it')));
      assert.deepEqual(await seqsOf(files, true, 50), [1, 2, 3, 4, 5, 2001, 2002], JSON.stringify(hint));
      assert.deepEqual(await seqsOf(files, true, 2), [1, 2, 3, 4, 5, 2001, 2002], JSON.stringify(hint));
    }
  });

  test('a branch whose parent is far back reads its end and the parent, not what is between', async () => {
    const turns = Array.from({ length: 5000 }, (_, index) => turn(index + 1, 'Question', 'x'.repeat(500)));
    const at = [header, ...turns.slice(0, 4).map(encodeRecord)].reduce((sum, { length }) => sum + length, 0);
    const last = { ...turn(5001, 'Another way'), parent: turns[4]?.id, parent_at: at };
    const files = await fileOf(header, ...[...turns, last].map(encodeRecord));
    let byteCount = 0;
    const read = files.read.bind(files);
    files.read = async (...args) => {
      const bytes = await read(...args);
      byteCount += bytes.length;
      return bytes;
    };
    await readPage(files, 'chat', { turnCount: 50, branch: new BranchFilter() });
    assert.ok(byteCount < 1_300_000, `${byteCount} bytes of ${(await files.stat('chat'))?.size}`);
  });

  test('a line of any length over the edges of reads is one line', async () => {
    for (const size of [65_535, 65_536, 65_537, 131_072, 1_048_576, 3_000_000]) {
      const turns = [turn(1, 'a'), turn(2, 'x'.repeat(size)), turn(3, 'b'), turn(4, 'x'.repeat(size)), turn(5, 'c')];
      const files = await fileOf(header, ...turns.map(encodeRecord), Buffer.from('{"torn'));
      assert.deepEqual(await seqsOf(files, false, 1), [1, 2, 3, 4, 5], `${size}`);
      const scanned: unknown[] = [];
      await scanTranscript(files, 'chat', ({ record }) => scanned.push(record.type));
      assert.deepEqual(scanned, ['header', 'turn', 'turn', 'turn', 'turn', 'turn'], `${size}`);
    }
  });

  test('reading on from the end of a page takes up what came since, whole lines only', async () => {
    const files = await fileOf(header, encodeRecord(turn(1, 'One')));
    const page = await readPage(files, 'chat', { turnCount: 50 });
    const line = encodeRecord(turn(2, 'Two'));
    const write = async (bytes: Uint8Array) => {
      await files.write('chat', Buffer.concat([(await files.read('chat')).subarray(0, page.end), bytes]));
      return readOn(files, 'chat', page, page.end + bytes.length);
    };
    const torn = await write(line.subarray(0, 20));
    assert.deepEqual([torn?.records.length, torn?.end], [0, page.end]);
    const whole = await write(line);
    assert.deepEqual([whole?.records.length, whole?.end], [1, page.end + line.length]);
  });

  test('reading on notices that what was read stands there no more', async () => {
    const files = await fileOf(header, encodeRecord(turn(1, 'One')));
    const page = await readPage(files, 'chat', { turnCount: 50 });
    const rewritten = Buffer.concat([header, encodeRecord(turn(1, 'Other')), encodeRecord(turn(2, 'Two'))]);
    await files.write('chat', rewritten);
    assert.equal(await readOn(files, 'chat', page, rewritten.length), undefined);
    await files.write('chat', header);
    assert.equal(await readOn(files, 'chat', page, header.length), undefined);
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
