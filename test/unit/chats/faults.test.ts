import assert from 'node:assert/strict';
import { suite, suiteSetup, test } from 'mocha';
import { checkStore } from '../../../src/chats/check/checkStore.ts';
import { repairStore } from '../../../src/chats/check/repairStore.ts';
import type { Conversation } from '../../../src/chats/conversation.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { TestWindow, until } from '../../support/chatFixture.ts';
import { FAULTS, type Fault, FaultyFileStore } from '../../support/faultyFileStore.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { filesOf, type SampleFiles } from '../../support/sampleTree.ts';

const KEPT = '1b6e3f1c-52f4-4d8e-9a35-1f0f6f4e8a01';
const OTHER = '2b6e3f1c-52f4-4d8e-9a35-1f0f6f4e8a02';
const TRASHED = '3b6e3f1c-52f4-4d8e-9a35-1f0f6f4e8a03';
const NEW = '4b6e3f1c-52f4-4d8e-9a35-1f0f6f4e8a04';

/** What users were told: nothing of it may be missing after a restart. */
class Told {
  readonly questions = new Map<string, string[]>();
  readonly answers = new Map<string, string[]>();
  readonly titles = new Map<string, readonly string[]>();
  readonly deleting = new Set<string>();
  readonly deleted = new Set<string>();
}

interface Flow {
  readonly name: string;
  /** What is different on disk before it begins. */
  readonly prepare?: (files: MemoryFileStore) => void;
  /** May be run again by the same window when it failed. */
  readonly run: (window: TestWindow, told: Told, chat: Conversation) => Promise<unknown>;
  readonly chat: { readonly id: string; readonly isSaved: boolean };
  /** The list shows older titles until it is checked. */
  readonly isBehind?: boolean;
}

let base: SampleFiles;
let baseTold: Told;
let olderCatalog: Uint8Array;

const FLOWS: readonly Flow[] = [
  {
    name: 'a first send',
    chat: { id: NEW, isSaved: false },
    run: (_, told, chat) => send(_, chat, 'First', told),
  },
  {
    name: 'a send',
    chat: { id: KEPT, isSaved: true },
    run: (_, told, chat) => send(_, chat, 'More', told),
  },
  {
    name: 'a rename',
    chat: { id: KEPT, isSaved: true },
    run: async ({ store }, told) => {
      told.titles.set(KEPT, ['New title', 'Title']);
      await store.update(KEPT, { title: 'New title' });
      told.titles.set(KEPT, ['New title']);
    },
  },
  {
    name: 'a delete',
    chat: { id: KEPT, isSaved: true },
    run: async ({ store }, told) => {
      told.deleting.add(KEPT);
      await store.delete(KEPT);
      told.deleted.add(KEPT);
    },
  },
  {
    name: 'a restore',
    chat: { id: KEPT, isSaved: true },
    run: async ({ store }, told) => {
      told.deleted.delete(TRASHED);
      // A restore that was only said to have failed leaves nothing to do.
      if ((await store.trash.list()).some(({ name }) => name === TRASHED)) await store.trash.restore(TRASHED);
      told.deleting.delete(TRASHED);
    },
  },
  {
    name: 'a list without its catalog',
    prepare: (files) => files.files.delete('catalog.json'),
    chat: { id: KEPT, isSaved: true },
    run: ({ store }) => store.list(),
  },
  {
    name: 'a check of a catalog that fell behind',
    prepare: (files) => files.files.set('catalog.json', olderCatalog),
    isBehind: true,
    chat: { id: KEPT, isSaved: true },
    run: ({ store }) => store.check(),
  },
];

suiteSetup(async () => {
  const files = new MemoryFileStore();
  const window = newWindow(files);
  const told = new Told();
  for (const id of [KEPT, OTHER, TRASHED]) {
    await send(window, window.open(id), `Question of ${id}`, told);
    await window.store.update(id, { title: 'Title' });
    told.titles.set(id, ['Title']);
  }
  await window.store.delete(TRASHED);
  told.deleting.add(TRASHED);
  told.deleted.add(TRASHED);
  olderCatalog = await files.read('catalog.json');
  await send(window, window.open(KEPT, { isSaved: true }), 'Another question', told);
  await window.store.update(OTHER, { title: 'Other title' });
  told.titles.set(OTHER, ['Other title']);
  window.close();
  base = withoutLocks(files);
  baseTold = told;
});

for (const flow of FLOWS) {
  suite(`${flow.name}, with any one of its file operations gone wrong`, () => {
    for (const fault of FAULTS) {
      test(`${fault}: nothing that was told is missing after a restart`, async () => {
        await everyOperation(flow, fault, async ({ files, told, how }) => {
          await checkAfterRestart(files, told, flow, how);
        });
      });
    }
    for (const fault of ['refused', 'torn', 'deaf'] as const) {
      test(`${fault}: when it was said to have failed, trying again in the same window does it`, async () => {
        await everyOperation(flow, fault, async ({ files, told, how, error, again }) => {
          if (!error) return;
          await again().catch((cause) => assert.fail(`${cause}, tried again after ${error}, ${how}`));
          await checkAfterRestart(files, told, flow, how);
        });
      });
    }
  });
}

interface Gone {
  readonly files: MemoryFileStore;
  readonly told: Told;
  readonly how: string;
  /** What the user was told to have failed. */
  readonly error: ChatError | undefined;
  /** Does it once more, without a fault. */
  readonly again: () => Promise<unknown>;
}

/** Runs a flow again and again, each time with the next of its operations gone wrong. */
async function everyOperation(flow: Flow, fault: Fault, check: (gone: Gone) => Promise<void>): Promise<void> {
  for (let at = 1; ; at += 1) {
    const files = filesOf(base);
    flow.prepare?.(files);
    const faulty = new FaultyFileStore(files, fault, at);
    const window = newWindow(faulty);
    const told = copyOf(baseTold);
    const chat = window.open(flow.chat.id, { isSaved: flow.chat.isSaved });
    const again = () => flow.run(window, told, chat);
    const error = await again().then(
      () => undefined,
      (reason) => reason,
    );
    const how = `operation ${at} (${faulty.failed})`;
    if (error) assert.ok(error instanceof ChatError && error.code !== 'internal', `${error}, ${how}`);
    await check({ files, told, how, error, again });
    window.close();
    if (faulty.failed === undefined) return;
  }
}

async function checkAfterRestart(files: MemoryFileStore, told: Told, flow: Flow, how: string): Promise<void> {
  const window = newWindow(filesOf(withoutLocks(files)));
  await checkTold(window, told, how, !flow.isBehind);
  await window.store.check();
  await checkTold(window, told, `${how}, checked`, true);
  const { failed } = await repairStore(window.store, await checkStore(window.store), {
    now: () => new Date().toISOString(),
  });
  assert.deepEqual(failed, [], how);
  const left = (await checkStore(window.store)).findings.filter(({ canRepair }) => canRepair);
  assert.deepEqual(left, [], `the tree passes the check, ${how}`);
  await checkTold(window, told, `${how}, repaired`, true);
  window.close();
}

async function checkTold(window: TestWindow, told: Told, how: string, hasTitles: boolean): Promise<void> {
  const listed = new Map((await window.store.list()).map((entry) => [entry.guid, entry]));
  const trashed = new Map((await window.store.trash.list()).map(({ entry }) => [entry.guid, entry]));
  for (const [id, questions] of told.questions) {
    const entry = listed.get(id);
    if (told.deleted.has(id)) assert.equal(entry, undefined, `deleted, so not in the list, ${how}`);
    else if (!told.deleting.has(id)) assert.ok(entry, `in the list, ${how}`);
    const { title, unreadable } =
      entry ?? trashed.get(id) ?? assert.fail(`neither in the list nor in the trash, ${how}`);
    const titles = told.titles.get(id) ?? ['Untitled chat'];
    // What could not be read for a moment is listed as such until it is looked at again.
    if (hasTitles && !unreadable) assert.ok(titles.includes(title), `"${title}" is no title of it, ${how}`);
    if (entry) await checkTurns(window, id, questions, told.answers.get(id) ?? [], how);
  }
}

async function checkTurns(
  window: TestWindow,
  id: string,
  questions: readonly string[],
  answers: readonly string[],
  how: string,
): Promise<void> {
  const chat = window.open(id, { isSaved: true });
  await chat.refresh();
  assert.equal(chat.problem, undefined, how);
  const shown = chat.turns;
  for (const question of questions)
    assert.ok(
      shown.some((turn) => turn.question === question),
      `${question}, ${how}`,
    );
  for (const answer of answers)
    assert.ok(
      shown.some(({ parts }) => parts[0]?.text === answer),
      `${answer}, ${how}`,
    );
  const turnIds = shown.map((turn) => turn.id);
  assert.equal(new Set(turnIds).size, turnIds.length, how);
}

async function send(window: TestWindow, chat: Conversation, text: string, told: Told): Promise<void> {
  const add = (to: Map<string, string[]>, what: string) => to.set(chat.chatId, [...(to.get(chat.chatId) ?? []), what]);
  await chat.refresh();
  const id = await chat.send(text, window.context());
  add(told.questions, text);
  await until(chat, () => !chat.isRunning);
  const turn = chat.turns.find((one) => one.id === id);
  if (turn?.state === 'done') add(told.answers, `Answer to ${text}`);
}

function newWindow(files: ConstructorParameters<typeof TestWindow>[0]): TestWindow {
  const window = new TestWindow(files);
  window.engine.isEchoing = true;
  return window;
}

function withoutLocks({ files }: MemoryFileStore): SampleFiles {
  return new Map([...files].filter(([path]) => !path.startsWith('.locks')));
}

function copyOf(told: Told): Told {
  const copy = new Told();
  for (const [id, texts] of told.questions) copy.questions.set(id, [...texts]);
  for (const [id, texts] of told.answers) copy.answers.set(id, [...texts]);
  for (const [id, titles] of told.titles) copy.titles.set(id, titles);
  for (const id of told.deleting) copy.deleting.add(id);
  for (const id of told.deleted) copy.deleted.add(id);
  return copy;
}
