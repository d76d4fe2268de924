import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { suite, teardown, test } from 'mocha';
import { checkStore, type StoreReport } from '../../../src/chats/check/checkStore.ts';
import type { FindingKind } from '../../../src/chats/check/finding.ts';
import { type RepairResult, repairStore } from '../../../src/chats/check/repairStore.ts';
import { reportMarkdown } from '../../../src/chats/check/reportText.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { ChatFixture, PIPELINE_ID, type TestWindow, until } from '../../support/chatFixture.ts';

let fixture: ChatFixture | undefined;
const now = () => new Date().toISOString();
const GONE = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const created = '2026-01-01T00:00:00.000Z';

teardown(() => fixture?.clean());

/** Two chats: the first, with three turns, is damaged by the tests; the second is in order and stays so. */
async function twoChats(): Promise<{ fixture: ChatFixture; window: TestWindow; id: string; other: string }> {
  fixture = await ChatFixture.make();
  const window = fixture.window();
  window.engine.isEchoing = true;
  const id = await ask(window, 'First');
  await ask(window, 'Second', id);
  await ask(window, 'Third', id);
  const other = await ask(window, 'Other');
  window.close();
  await rm(fixture.path('.locks'), { recursive: true });
  const next = fixture.window();
  next.engine.isEchoing = true;
  return { fixture, window: next, id, other };
}

async function ask(window: TestWindow, text: string, chatId?: string): Promise<string> {
  const chat = window.open(chatId, { isSaved: chatId !== undefined });
  await chat.refresh();
  await chat.send(text, window.context());
  await until(chat, () => !chat.isRunning);
  return chat.chatId;
}

type Damage = (path: (...parts: string[]) => string, id: string, window: TestWindow) => Promise<unknown>;
interface Case {
  readonly damage: Damage;
  readonly count?: number;
  readonly canRepair: boolean;
  /** Other kinds that the same damage leads to. */
  readonly also?: readonly FindingKind[];
  /** What is left to say after the repair. */
  readonly after?: readonly FindingKind[];
}

const line = (record: object) => `${JSON.stringify(record)}\n`;
const question = (text: string, chat_id: string) => ({ type: 'prompt', questions: [{ text }], chat_id });
const addLines =
  (...lines: string[]): Damage =>
  (path, id) =>
    appendFile(path(id, 'chat.jsonl'), lines.join(''));
const openAsk = (id: string, askId: string = GONE) =>
  line({ type: 'ask', created, id: askId, writer: { id: OTHER }, question: question('Lost', id) });

async function changeCatalog(path: string, change: (chats: Record<string, unknown>[]) => unknown[]): Promise<void> {
  const catalog = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...catalog, chats: change(catalog.chats) }));
}

async function changeFirstLine(path: string, change: (line: string) => string): Promise<void> {
  const [first = '', ...rest] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [change(first), ...rest].join('\n'));
}

async function putOld(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'left behind');
  await utimes(path, new Date('2026-01-01'), new Date('2026-01-01'));
}

const cases: Record<FindingKind, Case> = {
  'catalog-missing': { damage: (path) => rm(path('catalog.json')), count: 2, canRepair: true, after: [] },
  'catalog-torn': {
    damage: (path) => truncate(path('catalog.json'), 300),
    count: 2,
    canRepair: true,
    after: ['kept-copies'],
  },
  'catalog-not-a-file': {
    damage: async (path) => {
      await rm(path('catalog.json'));
      await putOld(path('catalog.json', 'something'));
    },
    count: 2,
    canRepair: true,
    after: ['kept-copies'],
  },
  'catalog-newer': {
    damage: (path) => writeFile(path('catalog.json'), '{"schema_version":2,"version":7,"chats":[]}'),
    canRepair: false,
  },
  'catalog-unreadable': {
    damage: async (_path, _id, { store: { files } }) => {
      const read = files.read.bind(files);
      files.read = async (path, range) => {
        if (path === 'catalog.json') throw diskFailure();
        return read(path, range);
      };
    },
    canRepair: false,
  },
  'strange-rows': {
    damage: (path) => changeCatalog(path('catalog.json'), (chats) => [...chats, 'row', { guid: 7 }]),
    count: 2,
    canRepair: false,
  },
  'entry-without-folder': {
    damage: (path) =>
      changeCatalog(path('catalog.json'), (chats) => [...chats, { ...chats[0], guid: GONE, updated: created }]),
    canRepair: true,
    after: ['kept-copies'],
  },
  'folder-without-entry': {
    damage: (path, id) => changeCatalog(path('catalog.json'), (chats) => chats.filter(({ guid }) => guid !== id)),
    canRepair: true,
    after: ['kept-copies'],
  },
  'entry-disagrees': {
    damage: (path, id) =>
      changeCatalog(path('catalog.json'), (chats) =>
        chats.map((chat) =>
          chat.guid === id ? { ...chat, message_count: 9, preview: 'Not that', pinned: true } : chat,
        ),
      ),
    count: 3,
    canRepair: true,
    after: ['kept-copies'],
  },
  'turns-missing': {
    damage: (path, id) => changeFile(path(id, 'chat.jsonl'), (text) => `${text.split('\n')[0]}\n`),
    count: 3,
    canRepair: false,
  },
  'folder-unreadable': {
    damage: async (_path, id, { store: { files } }) => {
      const list = files.list.bind(files);
      files.list = async (path) => {
        if (path === id) throw diskFailure();
        return list(path);
      };
    },
    canRepair: false,
  },
  'transcript-missing': { damage: (path, id) => rm(path(id, 'chat.jsonl')), canRepair: false },
  'transcript-unreadable': {
    damage: async (path, id) => {
      await rm(path(id, 'chat.jsonl'));
      await mkdir(path(id, 'chat.jsonl'));
    },
    canRepair: false,
    also: ['entry-disagrees'],
    after: ['transcript-unreadable', 'kept-copies'],
  },
  'newer-chat': {
    damage: addLines('{"type":"turn","schema_version":2,"something":"else"}\n', 'torn'),
    canRepair: false,
  },
  'header-missing': {
    damage: (path, id) => changeFirstLine(path(id, 'chat.jsonl'), (text) => text.slice(0, 50)),
    canRepair: true,
    also: ['unreadable-lines'],
    after: ['unreadable-lines', 'kept-copies'],
  },
  'header-of-another-chat': {
    damage: (path, id) => changeFirstLine(path(id, 'chat.jsonl'), (text) => text.replace(id, OTHER)),
    canRepair: false,
  },
  'torn-tail': {
    damage: (path, id) => changeFile(path(id, 'chat.jsonl'), (text) => text.slice(0, -10)),
    canRepair: true,
    also: ['entry-disagrees', 'interrupted'],
    after: ['unreadable-lines', 'interrupted', 'kept-copies'],
  },
  'unreadable-lines': { damage: addLines('null\n', '\n', '{"type":"turn"}\n', 'x\n'), count: 3, canRepair: false },
  'conflict-markers': {
    damage: addLines('<<<<<<< HEAD\n', '=======\n', '>>>>>>> other\n'),
    count: 3,
    canRepair: false,
  },
  'long-lines': {
    damage: (path, id) =>
      appendFile(path(id, 'chat.jsonl'), Buffer.concat([Buffer.alloc(65 << 20, 0x20), Buffer.from('\n')])),
    canRepair: false,
  },
  'unknown-records': { damage: addLines('{"type":"summary","text":"…"}\n'), canRepair: false },
  'seq-order': {
    damage: (path, id) =>
      changeFile(path(id, 'chat.jsonl'), (text) => text.replace('"seq":2', '"seq":1').replace('"seq":3', '"seq":0')),
    count: 2,
    canRepair: false,
  },
  'end-without-ask': {
    damage: addLines(line({ type: 'cancel', created, id: GONE })),
    canRepair: false,
  },
  interrupted: {
    damage: (path, id) => appendFile(path(id, 'chat.jsonl'), openAsk(id)),
    canRepair: false,
    also: ['entry-disagrees'],
    after: ['interrupted', 'kept-copies'],
  },
  'meta-unreadable': {
    damage: (path, id) => mkdir(path(id, 'meta.jsonl')),
    canRepair: false,
    also: ['entry-disagrees'],
    after: ['meta-unreadable', 'kept-copies'],
  },
  'meta-unreadable-lines': {
    damage: (path, id) => writeFile(path(id, 'meta.jsonl'), '{}\n{"title":7}\nx\n'),
    count: 2,
    canRepair: false,
  },
  'meta-torn-tail': {
    damage: (path, id) => writeFile(path(id, 'meta.jsonl'), '{"pinned":true}\n{"pinned":fal'),
    canRepair: true,
    also: ['meta-unreadable-lines', 'entry-disagrees'],
    after: ['meta-unreadable-lines', 'kept-copies'],
  },
  'delete-unfinished': {
    damage: (path, id) => writeFile(path(id, 'meta.jsonl'), `{"deleted":true,"deleted_at":"${created}"}\n`),
    canRepair: true,
    after: ['kept-copies'],
  },
  'partial-leftover': {
    damage: async (path, id) => {
      const turn = (await readFile(path(id, 'chat.jsonl'), 'utf8'))
        .split('\n')
        .find((text) => text.includes('"seq":2'));
      await putOld(path(id, `partial-${JSON.parse(turn ?? '').id}.json`));
    },
    canRepair: true,
    after: ['kept-copies'],
  },
  'partial-unknown': { damage: (path, id) => putOld(path(id, `partial-${GONE}.json`)), canRepair: false },
  'temporary-file': {
    damage: async (path, id) => {
      await putOld(path(`catalog.json.${randomUUID()}.tmp`));
      await writeFile(path(`catalog.json.${randomUUID()}.tmp`), 'being written right now');
      await putOld(path(id, `meta.jsonl.${randomUUID()}.tmp`));
      await putOld(path(id, 'notes.tmp'));
    },
    canRepair: true,
    after: ['kept-copies'],
  },
  'strange-file': { damage: (path, id) => symlink(dirname(path('x')), path(id, 'link')), canRepair: false },
  'kept-copies': { damage: (path) => writeFile(path('catalog.json.bad-2026'), 'bytes'), canRepair: false },
  'dead-locks': {
    damage: async (path) => {
      await putOld(path('.locks', `writer-${GONE}`));
      await truncate(path('.locks', `writer-${GONE}`), 0);
    },
    canRepair: false,
  },
};

function diskFailure(): ChatError {
  return new ChatError('storage', "It can't be used: the disk reports an error.");
}

async function changeFile(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

const kinds = ({ findings }: StoreReport) => [...new Set(findings.map(({ kind }) => kind))].toSorted();
const mendable = ({ findings }: StoreReport) => findings.filter(({ canRepair }) => canRepair);

/** Every byte of a tree, by path; lock files, which hold nothing, left out. */
async function bytes({ root }: ChatFixture): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name));
    if (path.startsWith('.locks')) continue;
    found.set(path, entry.isFile() ? await readFile(join(root, path), 'latin1') : 'no file');
  }
  return found;
}

async function repair(window: TestWindow): Promise<{ report: StoreReport; result: RepairResult }> {
  const report = await checkStore(window.store, {});
  return { report, result: await repairStore(window.store, report, { now }) };
}

function assertPrefixes(before: Map<string, string>, after: Map<string, string>): void {
  for (const [path, old] of before) {
    if (!path.endsWith('.jsonl') || old === 'no file') continue;
    const now = after.get(path) ?? after.get(join('.trash', path));
    assert.ok(now?.startsWith(old), `${path} keeps its old bytes`);
  }
}

suite('checkStore', () => {
  test('a store in order has no findings, and every turn is counted', async () => {
    const { fixture, window, other } = await twoChats();
    await window.store.delete(await ask(window, 'Deleted'));
    const progress: number[][] = [];
    const report = await checkStore(window.store, { onProgress: (...done) => progress.push(done) });
    assert.deepEqual(report.findings, []);
    assert.deepEqual([report.chatCount, report.turnCount, report.trash.chatCount], [2, 4, 1]);
    assert.ok(report.byteCount > (await readFile(fixture.path(other, 'chat.jsonl'))).length);
    assert.ok(report.trash.byteCount > 0);
    assert.deepEqual(progress, [
      [1, 2],
      [2, 2],
    ]);
    const before = await bytes(fixture);
    assert.deepEqual(await repairStore(window.store, report, { now }), { backup: undefined, repaired: [], failed: [] });
    assert.deepEqual(await bytes(fixture), before);
  });

  for (const [kind, { damage, count = 1, canRepair, also = [], after }] of Object.entries(cases)) {
    test(`${kind} is found by a dry run; what can be repaired is so once, and no old byte is lost`, async () => {
      const { fixture, window, id } = await twoChats();
      await damage((...parts) => fixture.path(...parts), id, window);
      const before = await bytes(fixture);
      const report = await checkStore(window.store, {});
      assert.deepEqual(await bytes(fixture), before, 'a dry run writes nothing');
      const found = report.findings.find((one) => one.kind === kind);
      assert.deepEqual([found?.count, found?.canRepair], [count, canRepair], JSON.stringify(report.findings));
      assert.deepEqual(kinds(report), [kind, ...also].toSorted());

      const { failed, repaired, backup } = await repairStore(window.store, report, { now });
      assert.deepEqual(failed, []);
      assert.deepEqual(
        repaired.map((one) => one.kind).toSorted(),
        mendable(report)
          .map((one) => one.kind)
          .toSorted(),
      );
      assert.equal(
        backup !== undefined,
        repaired.some((one) => one.kind !== 'catalog-missing'),
      );
      const mended = await bytes(fixture);
      assertPrefixes(before, mended);
      for (const [path, old] of before) {
        if (mended.get(path) === old || old === 'no file' || path.startsWith(id)) continue;
        assert.equal(mended.get(join(backup ?? '', path)), old, `${path} is in the backup`);
      }

      const second = await checkStore(window.store, {});
      assert.deepEqual(mendable(second), []);
      assert.deepEqual(kinds(second), (after ?? kinds(report)).toSorted());
      for (const again of [report, second]) {
        const { backup, repaired } = await repairStore(window.store, again, { now });
        assert.deepEqual([backup, repaired], [undefined, []]);
      }
      assert.deepEqual(await bytes(fixture), mended, 'repairing twice changes nothing');
      // Where the list itself can't be read, the check of every day says so.
      if (kind !== 'catalog-unreadable') await window.store.check();
      assert.deepEqual(mendable(await checkStore(window.store, {})), [], 'the check of every day agrees');
    });
  }

  test('a backup holds the bytes as they were, one folder for each repair', async () => {
    const { fixture, window, id } = await twoChats();
    const folders: string[] = [];
    for (const tail of ['{"torn', '{"again']) {
      await appendFile(fixture.path(id, 'chat.jsonl'), tail);
      const old = await readFile(fixture.path(id, 'chat.jsonl'), 'utf8');
      const report = await checkStore(window.store, {});
      const { backup = '' } = await repairStore(window.store, report, { now: () => created });
      assert.equal(await readFile(fixture.path(backup, id, 'chat.jsonl'), 'utf8'), old);
      assert.equal(await readFile(fixture.path(id, 'chat.jsonl'), 'utf8'), `${old}\n`);
      folders.push(backup);
    }
    assert.deepEqual(folders, ['.backup/2026-01-01T00-00-00-000Z', '.backup/2026-01-01T00-00-00-000Z~2']);
  });

  test('a question that was whole but for its newline is counted once its line is closed', async () => {
    const { fixture, window, id } = await twoChats();
    await changeFile(fixture.path(id, 'chat.jsonl'), (text) => text.slice(0, -1));
    const { result } = await repair(window);
    assert.deepEqual(result.failed, []);
    assert.equal((await window.store.list()).find(({ guid }) => guid === id)?.message_count, 3);
    assert.deepEqual(mendable(await checkStore(window.store, {})), []);
  });

  test('a header is added with the ids of the folder and the pipeline, at the end', async () => {
    const { fixture, window, id } = await twoChats();
    const [entry] = (await window.store.list()).filter(({ guid }) => guid === id);
    await changeFirstLine(fixture.path(id, 'chat.jsonl'), () => 'damaged');
    await repair(window);
    const lines = (await readFile(fixture.path(id, 'chat.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), {
      type: 'header',
      schema_version: 1,
      guid: id,
      created: entry?.created,
      pipeline_id: PIPELINE_ID,
    });
    const chat = fixture.window().open(id, { isSaved: true });
    await chat.refresh();
    assert.equal(chat.turns.length, 3);
  });

  test('turns are counted line by line, also in a chat that a summary would not read whole', async () => {
    const { fixture, window, id } = await twoChats();
    const turn = { type: 'turn', created, question: question('Q'.repeat(2000), id), answer: null };
    const seqs = Array.from({ length: 100 }, (_, at) => (at % 2 ? at + 50 : 4));
    await appendFile(fixture.path(id, 'chat.jsonl'), seqs.map((seq) => line({ ...turn, seq })).join(''));
    await window.store.check();
    const { report, result } = await repair(window);
    assert.match(
      report.findings.find(({ kind }) => kind === 'entry-disagrees')?.message ?? '',
      /149 turns listed, 103 in/,
    );
    assert.deepEqual(result.failed, []);
    assert.equal((await window.store.list()).find(({ guid }) => guid === id)?.message_count, 103);
  });

  test('titles given by an SDK client stay when the rest of their entries is mended', async () => {
    fixture = await ChatFixture.make('python');
    const window = fixture.window();
    await changeCatalog(fixture.path('catalog.json'), (chats) => chats.map((chat) => ({ ...chat, message_count: 7 })));
    const { result } = await repair(window);
    assert.equal(result.repaired.length, 2);
    await window.store.check();
    const listed = (await window.store.list()).map(({ title, message_count }) => [title, message_count]);
    assert.deepEqual(listed.toSorted(), [
      ['Gare', 2],
      ['Untitled chat', 1],
    ]);
  });

  test('a question that is being answered, here or in another window, is nothing to report', async () => {
    const { fixture, window } = await twoChats();
    const answering = fixture.window();
    const chat = answering.open();
    await chat.send('Wait for it', answering.context());
    for (const { store } of [window, answering]) assert.deepEqual((await checkStore(store, {})).findings, []);
  });

  test('a partial answer that was written a moment ago is left alone', async () => {
    const { fixture, window, id } = await twoChats();
    await writeFile(fixture.path(id, `partial-${GONE}.json`), '{}');
    assert.deepEqual((await checkStore(window.store, {})).findings, []);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    assert.deepEqual(kinds(await checkStore(window.store, { now: () => later })), ['partial-unknown']);
  });

  test('what another window sends while a store is checked and repaired is neither lost nor an error', async () => {
    const { fixture, window, id, other } = await twoChats();
    const sender = fixture.window();
    sender.engine.isEchoing = true;
    for (let round = 0; round < 5; round += 1) {
      await rm(fixture.path('catalog.json'));
      await appendFile(fixture.path(id, 'chat.jsonl'), '{"torn');
      await changeFirstLine(fixture.path(other, 'chat.jsonl'), () => 'damaged');
      const sending = Promise.all([
        ask(sender, `Same ${round}`, id),
        ask(sender, `Other ${round}`, other),
        ask(sender, 'New'),
      ]);
      const { result } = await repair(window);
      await sending;
      assert.deepEqual(result.failed, []);
    }
    const { report, result } = await repair(window);
    assert.deepEqual(result.failed, []);
    assert.equal(report.turnCount, 4 + 5 * 3);
    const last = await checkStore(window.store, {});
    assert.deepEqual(mendable(last), []);
    assert.ok(!kinds(last).includes('seq-order'));
    const counts = (await window.store.list()).map(({ message_count }) => message_count).toSorted((a, b) => a - b);
    assert.deepEqual(counts, [1, 1, 1, 1, 1, 6, 8]);
  });

  test('what can not be mended is told with its reason, and the rest is mended', async () => {
    const { fixture, window, id, other } = await twoChats();
    for (const one of [id, other]) await appendFile(fixture.path(one, 'chat.jsonl'), '{"torn');
    const { files } = window.store;
    const append = files.append.bind(files);
    files.append = async (path, lines, lease) => {
      if (path.startsWith(id)) throw diskFailure();
      return append(path, lines, lease);
    };
    const { result } = await repair(window);
    assert.deepEqual(
      result.failed.map(({ finding, reason }) => [finding.chatId, finding.kind, reason]),
      [[id, 'torn-tail', diskFailure().message]],
    );
    assert.deepEqual(
      result.repaired.map(({ chatId, kind }) => [chatId, kind]),
      [[other, 'torn-tail']],
    );
  });

  test('nothing is changed when the backup can not be made', async () => {
    const { fixture, window, id } = await twoChats();
    await appendFile(fixture.path(id, 'chat.jsonl'), '{"torn');
    await changeCatalog(fixture.path('catalog.json'), (chats) => chats.map((chat) => ({ ...chat, message_count: 7 })));
    await writeFile(fixture.path('.backup'), 'a file');
    const before = await bytes(fixture);
    const { report, result } = await repair(window);
    assert.equal(result.failed.length, mendable(report).length);
    assert.deepEqual(await bytes(fixture), before);
  });

  test('a check that is stopped says so', async () => {
    const { window } = await twoChats();
    const controller = new AbortController();
    const check = checkStore(window.store, { signal: controller.signal, onProgress: () => controller.abort() });
    await assert.rejects(check, { code: 'stopped' });
  });

  test('the report has counts first, then what was found by chat, with titles as text', async () => {
    const { fixture, window, id } = await twoChats();
    assert.match(reportMarkdown(await checkStore(window.store, {}), new Map()), /Everything is in order/);
    await appendFile(fixture.path(id, 'chat.jsonl'), 'x\n{"torn');
    await writeFile(fixture.path('catalog.json.bad-1'), 'x');
    const text = reportMarkdown(await checkStore(window.store, {}), new Map([[id, '# [My](chat)']]));
    assert.match(text, /\| Saved \| 2 \| 4 \| [\d.]+ kB \|/);
    assert.match(text, /Repair can mend 1 of the 3 findings/);
    assert.ok(text.indexOf('## The list and its folder') < text.indexOf(`## \\# \\[My\\](chat) \`${id}\``), text);
    assert.match(text, /- \*\*Can be repaired\.\*\* The last line .* \(`.*chat\.jsonl`\)/);
  });

  for (const client of ['typescript', 'python']) {
    test(`chats as the ${client} SDK writes them have nothing to repair`, async () => {
      fixture = await ChatFixture.make(client);
      const { findings } = await checkStore(fixture.window().store, {});
      assert.deepEqual(
        findings.filter(({ canRepair }) => canRepair),
        [],
      );
    });
  }
});
