import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, makeHeader, makeTurn } from '../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../src/protocol/question.ts';
import { ChatFixture, PIPELINE_ID, type TestWindow, until } from '../support/chatFixture.ts';
import type { Bench } from './run.ts';

const ROUNDS = 60;
const LISTED = 100;
const ANSWER = 'An answer of some two thousand bytes. '.repeat(54);
const QUESTION = 'What is there to be said about this question? '.repeat(4);
const created = '2026-01-01T00:00:00.000Z';

/** A question asked and answered on a chat of a given length: what the user's disk does for one turn. */
const bench: Bench = {
  group: 'store',
  async run(report) {
    for (const size of [10, 1_000, 10_000]) {
      const fixture = await ChatFixture.make();
      try {
        const chatId = await fill(fixture, size);
        const window = fixture.window();
        const floorMs = await measure(() => plainWrites(fixture, chatId));
        const valueMs = await measure(await sending(window, chatId));
        report({ bench: 'append', size, value: valueMs, unit: 'ms', floor: floorMs });
        report({ bench: 'open', size, value: await measure(() => openChat(fixture.window(), chatId)), unit: 'ms' });
      } finally {
        await fixture.clean();
      }
    }
  },
};
export default bench;

/** A store with 100 chats, one of them of `turnCount` turns; returns that one's id. */
async function fill(fixture: ChatFixture, turnCount: number): Promise<string> {
  const ids = Array.from({ length: LISTED }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    const header = makeHeader({ guid: id, created, pipelineId: PIPELINE_ID });
    const turns = Array.from({ length: index === 0 ? turnCount : 1 }, (_, turn) =>
      makeTurn({
        seq: turn + 1,
        created,
        question: makeQuestion(QUESTION, { chatId: id }),
        answer: { result_types: { answers: 'answers' }, answers: [ANSWER] },
        id: randomUUID(),
        historySeq: [],
      }),
    );
    await mkdir(fixture.path(id), { recursive: true });
    await writeFile(fixture.path(id, 'chat.jsonl'), Buffer.concat([header, ...turns].map(encodeRecord)));
  }
  await fixture.window().store.list();
  return ids[0] ?? '';
}

async function sending(window: TestWindow, chatId: string): Promise<() => Promise<void>> {
  window.engine.isEchoing = true;
  const chat = window.open(chatId, { isSaved: true });
  await chat.refresh();
  return async () => {
    await chat.send(QUESTION + ANSWER, window.context({ historyMessages: 0 }));
    await until(chat, () => !chat.isRunning);
  };
}

async function openChat(window: TestWindow, chatId: string): Promise<void> {
  await window.open(chatId, { isSaved: true }).refresh();
  window.close();
}

/** The same bytes to plain files, with the same syncs and the same rename, and no lock. */
async function plainWrites(fixture: ChatFixture, chatId: string): Promise<void> {
  const question = makeQuestion(QUESTION + ANSWER, { chatId });
  const line = Buffer.from(`${JSON.stringify({ type: 'other', question })}\n`);
  for (const bytes of [line, Buffer.concat([line.subarray(0, -1), line])]) {
    const file = await open(fixture.path(chatId, 'chat.jsonl'), 'a');
    await file.write(bytes);
    await file.datasync();
    await file.close();
  }
  const catalog = await readFile(fixture.path('catalog.json'));
  const temporary = fixture.path('catalog.tmp');
  const file = await open(temporary, 'w');
  await file.write(catalog);
  await file.sync();
  await file.close();
  await rename(temporary, fixture.path('catalog.json'));
  const folder = await open(join(fixture.root), 'r');
  await folder.sync();
  await folder.close();
}

/** Median milliseconds of one call, after a few to warm up. */
async function measure(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = -5; round < ROUNDS; round += 1) {
    const started = performance.now();
    await work();
    if (round >= 0) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
