import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { suite, suiteSetup, test } from 'mocha';
import { scanTranscript } from '../../../src/chats/readTranscript.ts';
import type { AskRecord, TranscriptRecord } from '../../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { TestWindow, until } from '../../support/chatFixture.ts';
import type { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { filesOf, SAMPLE_CHATS, type SampleFiles, sampleTree } from '../../support/sampleTree.ts';

const CATALOG = 'catalog.json';
const KNOWN_TYPES = new Set<unknown>(['header', 'ask', 'turn', 'fail', 'cancel']);
const CHATS = Object.entries(SAMPLE_CHATS);
const IDS = Object.values(SAMPLE_CHATS);
/** Every so many bytes the whole way is gone that a window takes; in between only the store's part of it. */
const WINDOW_STRIDE = 40;
/** Flips of a transcript are tried on every so many bytes; the first place differs from chat to chat. */
const FLIP_STRIDE = 3;

let sample: SampleFiles;
const fileOf = (path: string) => sample.get(path) ?? assert.fail(path);

suiteSetup(async () => {
  sample = await sampleTree();
});

suite('a transcript cut at every byte', () => {
  for (const [name, id] of CHATS) {
    test(`${name}: every whole line is there, and what is saved next keeps every byte`, async () => {
      const path = `${id}/chat.jsonl`;
      for (let length = 0; length <= fileOf(path).length; length += 1) {
        const cut = fileOf(path).subarray(0, length);
        const files = filesOf(sample, { [path]: cut });
        assert.deepEqual(await recordsOf(files, path), wholeLines(cut), `cut at ${length}`);
        await saveMore(files, id, `cut at ${length}`, length % WINDOW_STRIDE === 0);
      }
    }).timeout(60_000);
  }
});

suite('a transcript with a flipped bit', () => {
  for (const [at, [name, id]] of CHATS.entries()) {
    test(`${name}: every other line is there, and what is saved next keeps every byte`, async () => {
      const path = `${id}/chat.jsonl`;
      const whole = fileOf(path);
      for (let place = at; place < whole.length; place += FLIP_STRIDE) {
        const flipped = flip(whole, place);
        const files = filesOf(sample, { [path]: flipped });
        const found = await recordsOf(files, path);
        for (const [offset, record] of wholeLines(whole)) {
          const end = whole.indexOf(0x0a, offset) + 1;
          const isTouched = place >= offset - 1 && place < end;
          if (!isTouched) assert.deepEqual(found.get(offset), record, `flipped at ${place}`);
        }
        await saveMore(files, id, `flipped at ${place}`, place % WINDOW_STRIDE < FLIP_STRIDE);
      }
    }).timeout(60_000);
  }
});

suite('a catalog', () => {
  test('cut at every byte is made again with every chat and title, and its bytes are kept', async () => {
    for (let length = 0; length < fileOf(CATALOG).length - 1; length += 1) {
      const cut = fileOf(CATALOG).subarray(0, length);
      const files = filesOf(sample, { [CATALOG]: cut });
      assert.deepEqual(await titles(files), {
        [SAMPLE_CHATS.ours]: 'Grüße, 世界 🙂',
        [SAMPLE_CHATS.typescript]: 'Untitled chat',
        [SAMPLE_CHATS.python]: 'Η Python',
      });
      assertCatalogKept(files, cut, `cut at ${length}`);
      if (length % WINDOW_STRIDE === 0) await mendCatalog(cut, `cut at ${length}`);
    }
  }).timeout(60_000);

  test('with a flipped bit loses no chat, and its bytes or its rows are kept', async () => {
    for (let place = 0; place < fileOf(CATALOG).length; place += 2) {
      await mendCatalog(flip(fileOf(CATALOG), place), `flipped at ${place}`);
    }
  }).timeout(60_000);
});

suite('a meta file', () => {
  test('cut at every byte, the last whole title holds where the catalog is lost, and a new one keeps every byte', async () => {
    const path = `${SAMPLE_CHATS.ours}/meta.jsonl`;
    for (let length = 0; length <= fileOf(path).length; length += 1) {
      const cut = fileOf(path).subarray(0, length);
      const files = filesOf(sample, { [path]: cut });
      files.files.delete(CATALOG);
      const before = Buffer.from(cut).toString().split('\n').findLast(isJson);
      const listed = await titles(files);
      assert.equal(listed[SAMPLE_CHATS.ours], before ? JSON.parse(before).title : 'Untitled chat', `cut at ${length}`);
      await rename(files, SAMPLE_CHATS.ours);
      assertKept(files, path, cut, `cut at ${length}`);
      files.files.delete(CATALOG);
      assert.equal((await titles(files))[SAMPLE_CHATS.ours], 'New title', `cut at ${length}`);
    }
  });

  test('cut at any byte takes no title away that the list still has', async () => {
    const path = `${SAMPLE_CHATS.ours}/meta.jsonl`;
    for (let length = 0; length < fileOf(path).length; length += 1) {
      const files = filesOf(sample, { [path]: fileOf(path).subarray(0, length) });
      const window = new TestWindow(files);
      await window.store.check();
      window.close();
      assert.equal((await titles(files))[SAMPLE_CHATS.ours], 'Grüße, 世界 🙂', `cut at ${length}`);
    }
  });

  test('with a flipped bit anywhere does not throw, and a new title keeps every byte', async () => {
    const path = `${SAMPLE_CHATS.ours}/meta.jsonl`;
    for (let place = 0; place < fileOf(path).length; place += 1) {
      const flipped = flip(fileOf(path), place);
      const files = filesOf(sample, { [path]: flipped });
      const window = new TestWindow(files);
      await window.store.check();
      window.close();
      await rename(files, SAMPLE_CHATS.ours);
      assertKept(files, path, flipped, `flipped at ${place}`);
      files.files.delete(CATALOG);
      assert.equal((await titles(files))[SAMPLE_CHATS.ours], 'New title', `flipped at ${place}`);
    }
  });
});

/** The records that the store reads, by the places of their lines. */
async function recordsOf(files: MemoryFileStore, path: string): Promise<Map<number, TranscriptRecord>> {
  const records = new Map<number, TranscriptRecord>();
  await scanTranscript(files, path, ({ offset, record }) => records.set(offset, record));
  return records;
}

/** The lines with a newline that hold a record of a known type, by nothing of ours. */
function wholeLines(bytes: Uint8Array): Map<number, unknown> {
  const lines = new Map<number, unknown>();
  for (let start = 0, end = bytes.indexOf(0x0a); end >= 0; start = end + 1, end = bytes.indexOf(0x0a, start)) {
    const record = JSON.parse(Buffer.from(bytes.subarray(start, end)).toString());
    if (KNOWN_TYPES.has(record.type)) lines.set(start, record);
  }
  return lines;
}

/** Asks and answers once more, as a window does or as its store alone does, and renames. */
async function saveMore(files: MemoryFileStore, id: string, how: string, isWholeWindow: boolean): Promise<void> {
  const path = `${id}/chat.jsonl`;
  const before = await files.read(path);
  const window = new TestWindow(files);
  window.engine.isEchoing = true;
  const listed = (await window.store.list()).map(({ guid }) => guid);
  assert.deepEqual(listed.toSorted(), IDS.toSorted(), how);
  if (isWholeWindow) {
    const chat = window.open(id, { isSaved: true });
    await chat.refresh();
    if (chat.problem) {
      // A flip has made a newer version of it, or has taken its only question.
      if (chat.turns.length > 0) assert.equal(chat.problem.code, 'newer-format', how);
      else assert.equal(chat.problem.code, 'unreadable', how);
      return assertKept(files, path, before, how);
    }
    await chat.send('Noch etwas?', window.context());
    await until(chat, () => !chat.isRunning);
    assert.equal(chat.turns.at(-1)?.state, 'done', how);
  } else {
    await appendTurn(window, id);
  }
  await window.store.update(id, { title: 'New title' });
  window.close();
  assertKept(files, path, before, how);
  const added = Buffer.from((await files.read(path)).subarray(before.length)).toString();
  const [ask, turn, ...rest] = added
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  assert.deepEqual([ask.type, turn.type, turn.id, rest], ['ask', 'turn', ask.id, []], how);
  if (!isWholeWindow) return;
  const turns = [...(await recordsOf(files, path)).values()].flatMap((one) => (one.type === 'turn' ? [one.seq] : []));
  assert.equal(turns.filter((seq) => seq === turn.seq).length, 1, `seq is given once, ${how}`);
}

async function appendTurn({ store }: TestWindow, id: string): Promise<void> {
  const question = makeQuestion('Noch etwas?', { chatId: id });
  const common = { schema_version: 1, created: '2026-01-01T00:00:00.000Z', id: randomUUID(), question };
  const ask: AskRecord = { type: 'ask', writer: { id: store.writer.id }, ...common };
  await store.append(id, ask);
  await store.appendEnd(id, question, (seq) => ({ type: 'turn', seq, answer: {}, ...common }));
}

async function rename(files: MemoryFileStore, id: string): Promise<void> {
  const window = new TestWindow(files);
  await window.store.update(id, { title: 'New title' });
  window.close();
}

/** What a window does with a damaged catalog: list, rename, check. Every chat is listed all the time. */
async function mendCatalog(damaged: Uint8Array, how: string): Promise<MemoryFileStore> {
  const files = filesOf(sample, { [CATALOG]: damaged });
  const window = new TestWindow(files);
  const ids = (entries: readonly { guid: string }[]) => entries.map(({ guid }) => guid).toSorted();
  assert.deepEqual(ids(await window.store.list()), IDS.toSorted(), how);
  const work = () => window.store.update(SAMPLE_CHATS.typescript, { title: 'New title' });
  if (isNewer(damaged)) {
    assert.equal((await chatErrorOf(work)).code, 'newer-format', how);
    assert.deepEqual(await files.read(CATALOG), damaged, how);
  } else {
    await work();
    assertCatalogKept(files, damaged, how);
    await window.store.check();
    assert.deepEqual(ids(await window.store.list()), IDS.toSorted(), how);
  }
  window.close();
  return files;
}

/** Its rows are in the next one, but for the one that was renamed; or there is a copy of its bytes. */
function assertCatalogKept(files: MemoryFileStore, before: Uint8Array, how: string): void {
  const rows = rowsOf(before);
  const after = rowsOf(files.files.get(CATALOG) ?? assert.fail(CATALOG)) ?? [];
  const isRenamed = (row: unknown) => JSON.stringify(row).includes(SAMPLE_CHATS.typescript);
  const isThere = (row: unknown) => isRenamed(row) || after.some((other) => isDeepStrictEqual(row, other));
  const copies = [...files.files].flatMap(([path, bytes]) => (path.startsWith(`${CATALOG}.bad-`) ? [bytes] : []));
  if (rows) assert.ok(rows.every(isThere), `every row is kept, ${how}`);
  else
    assert.ok(
      copies.some((copy) => Buffer.compare(copy, before) === 0),
      `a copy is kept, ${how}`,
    );
}

/** undefined for what is no catalog. */
function rowsOf(bytes: Uint8Array): unknown[] | undefined {
  try {
    const { version, chats } = JSON.parse(Buffer.from(bytes).toString());
    return typeof version === 'number' && Array.isArray(chats) ? chats : undefined;
  } catch {
    return undefined;
  }
}

function isNewer(bytes: Uint8Array): boolean {
  return rowsOf(bytes) !== undefined && JSON.parse(Buffer.from(bytes).toString()).schema_version > 1;
}

async function titles(files: MemoryFileStore): Promise<Record<string, string>> {
  const window = new TestWindow(files);
  const listed = await window.store.list();
  window.close();
  return Object.fromEntries(listed.map(({ guid, title }) => [guid, title]));
}

function assertKept(files: MemoryFileStore, path: string, before: Uint8Array, how: string): void {
  const after = files.files.get(path) ?? assert.fail(path);
  assert.equal(Buffer.compare(after.subarray(0, before.length), before), 0, `every byte is kept, ${how}`);
}

function flip(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.with(place, (bytes[place] ?? 0) ^ (1 << ((place * 5) % 8)));
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
