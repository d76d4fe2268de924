import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { searchChats } from '../../src/chats/search/searchChats.ts';
import { encodeRecords, makeHeader, makeTurn, type TranscriptRecord } from '../../src/chats/transcriptRecord.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { makeQuestion } from '../../src/protocol/question.ts';
import { ChatFixture, PIPELINE_ID } from '../support/chatFixture.ts';
import { findRipgrep } from './findRipgrep.ts';
import type { Bench } from './run.ts';

const CHATS = 1_000;
const TURNS = 100;
const ANSWER_LENGTH = 1_580;
const ROUNDS = 5;
const created = '2026-01-01T00:00:00.000Z';
const writer = { id: randomUUID() };
const WORDS =
  'the answer to a question is seldom as plain as it looks and "who asks" (again) learns more:\nstep by step'.split(
    ' ',
  );
/** What the answers of every fourth chat hold besides. */
const SCRIPTS = ['plainly', 'naïve café', '日本語の文 🚉', 'also'];

/** What is looked for, as typed; in the middle of all chats each stands once, as stored. */
const SEARCHES = [
  { bench: 'search', text: 'ZYZZYVA', stored: 'Zyzzyva' },
  { bench: 'search-accented', text: 'ÑANDÚ', stored: 'ñandú' },
  { bench: 'search-escaped', text: 'say "Quux"\nnow', stored: 'Say "quux"\nNow' },
  { bench: 'search-in-history', text: 'Xerophyte', stored: 'xerophyte' },
];

/** A text looked for in all chats, beside the same files read, decoded and scanned in plain. */
const bench: Bench = {
  group: 'store',
  async run(report) {
    const fixture = await ChatFixture.make();
    try {
      const { ids, bytes } = await fill(fixture);
      const size = `${Math.round(bytes / 1e6)} MB`;
      const ripgrep = findRipgrep();
      if (!ripgrep) console.error('ripgrep was found neither with VS Code nor on the PATH: its time is left out.');
      for (const { bench: name, text } of SEARCHES) {
        const rounds = [];
        // The first one warms up.
        for (let round = 0; round <= ROUNDS; round += 1) {
          const floorMs = await timed(() => plainScan(fixture, ids, text));
          const found = await search(fixture, ids, text);
          const ripgrepMs = ripgrep ? await timed(() => runRipgrep(ripgrep, fixture.root, text)) : Number.NaN;
          if (round > 0) rounds.push({ ...found, floorMs, ripgrepMs });
        }
        const floor = median(rounds.map(({ floorMs }) => floorMs));
        const row = (bench: string, times: readonly number[], floor?: number) =>
          report({ bench, size, value: median(times), unit: 'ms', floor });
        row(
          name,
          rounds.map(({ wholeMs }) => wholeMs),
          floor,
        );
        row(
          `${name}: first hit`,
          rounds.map(({ firstMs }) => firstMs),
        );
        row(
          `${name}: longest stretch`,
          rounds.map(({ stretchMs }) => stretchMs),
        );
        if (ripgrep)
          row(
            `${name}: ripgrep`,
            rounds.map(({ ripgrepMs }) => ripgrepMs),
          );
      }
    } finally {
      await fixture.clean();
    }
  },
};
export default bench;

async function search(
  fixture: ChatFixture,
  ids: readonly string[],
  text: string,
): Promise<{ wholeMs: number; firstMs: number; stretchMs: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const started = performance.now();
  let firstMs = Number.NaN;
  const { hitCount } = await searchChats(new LocalFileStore(fixture.root), ids, text, {
    onHit: () => {
      if (Number.isNaN(firstMs)) firstMs = performance.now() - started;
    },
  });
  const wholeMs = performance.now() - started;
  delays.disable();
  if (hitCount !== 1) throw new Error(`${text} was found ${hitCount} times, not once.`);
  return { wholeMs, firstMs, stretchMs: delays.max / 1e6 };
}

/** Three files at once, as the search does. */
async function plainScan(fixture: ChatFixture, ids: readonly string[], text: string): Promise<void> {
  const pattern = new RegExp(text, 'iu');
  const waiting = ids.values();
  const lane = async () => {
    for (const id of waiting) pattern.test(await readFile(fixture.path(id, 'chat.jsonl'), 'utf8'));
  };
  await Promise.all([lane(), lane(), lane()]);
}

async function runRipgrep(program: string, root: string, text: string): Promise<void> {
  const pattern = JSON.stringify(text).slice(1, -1);
  const args = ['--ignore-case', '--fixed-strings', '--no-ignore', '--hidden', '--count', '--glob', 'chat.jsonl'];
  await promisify(execFile)(program, [...args, pattern, root]).catch((error: { code?: unknown }) => {
    // 1 says that nothing was found, as of a word that is escaped.
    if (error.code !== 1) throw error;
  });
}

async function fill(fixture: ChatFixture): Promise<{ ids: string[]; bytes: number }> {
  const ids = Array.from({ length: CHATS }, () => randomUUID());
  let bytes = 0;
  for (const [index, id] of ids.entries()) {
    const records = [makeHeader({ guid: id, created, pipelineId: PIPELINE_ID }), ...turns(id, index)];
    const isOfPython = index % 4 === 1;
    const transcript = isOfPython ? inPython(records) : encodeRecords(records);
    await mkdir(fixture.path(id), { recursive: true });
    await writeFile(fixture.path(id, 'chat.jsonl'), transcript);
    bytes += transcript.length;
  }
  return { ids, bytes };
}

function turns(chatId: string, chat: number): TranscriptRecord[] {
  return Array.from({ length: TURNS }, (_, turn): TranscriptRecord[] => {
    const isMiddle = chat === CHATS / 2 && turn === TURNS / 2;
    const rare = isMiddle ? SEARCHES.map(({ stored }) => stored).join(' ') : '';
    const answer = { result_types: { answers: 'answers' }, answers: [`${prose(chat, turn)} ${rare}`] };
    const question = makeQuestion(`What is question ${turn} of ${chat} about?`, { chatId });
    const id = randomUUID();
    const copied = chat % 10 === 0 && turn === 9 ? [{ role: 'user' as const, content: 'A xerophyte.' }] : [];
    return [
      { type: 'ask', created, id, writer, question },
      makeTurn({ seq: turn + 1, created, question: { ...question, history: copied }, answer, id, historySeq: [] }),
    ];
  }).flat();
}

function prose(chat: number, turn: number): string {
  const words = [SCRIPTS[chat % SCRIPTS.length]];
  for (let at = 0, length = 0; length < ANSWER_LENGTH; at += 1) {
    const word = WORDS[(at * at + turn * 7 + chat) % WORDS.length] ?? '';
    words.push(word);
    length += word.length + 1;
  }
  return words.join(' ');
}

function inPython(records: readonly TranscriptRecord[]): Uint8Array {
  const lines = records.map((record) =>
    JSON.stringify(record).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
