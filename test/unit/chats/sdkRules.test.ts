import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setup, suite, teardown, test } from 'mocha';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { TestWindow, until } from '../../support/chatFixture.ts';
import { GOLDEN_CHAT, GOLDEN_TRANSCRIPTS } from '../../support/goldenTranscripts.ts';
import { HookedFileStore } from '../../support/hookedFileStore.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { SAMPLE_CHATS, sampleTree } from '../../support/sampleTree.ts';
import * as sdk from '../../support/sdkRules.ts';

const CATALOG = 'catalog.json';
const FLAVOURS: readonly sdk.SdkFlavour[] = ['typescript', 'python'];
let files: MemoryFileStore;
let window: TestWindow;

setup(() => {
  files = new MemoryFileStore();
  window = newWindow();
});
teardown(() => window.close());

function newWindow(): TestWindow {
  const opened = new TestWindow(files);
  opened.engine.isEchoing = true;
  return opened;
}

function text(path: string): string {
  return Buffer.from(files.files.get(path) ?? assert.fail(path)).toString();
}

const transcript = (id: string) => text(`${id}/chat.jsonl`);
const write = (path: string, content: string) => files.write(path, Buffer.from(content));

async function load(golden: string): Promise<void> {
  const root = new URL(`../../fixtures/${golden}/.chats/`, import.meta.url);
  for (const path of globSync('**/*.json*', { cwd: fileURLToPath(root) })) {
    await files.write(path.replaceAll('\\', '/'), readFileSync(new URL(path, root)));
  }
}

async function ask(question: string, id?: string, from = window): Promise<string> {
  const chat = from.open(id, { isSaved: id !== undefined });
  await chat.refresh();
  await chat.send(question, from.context());
  await until(chat, () => !chat.isRunning);
  assert.equal(chat.turns.at(-1)?.state, 'done');
  return chat.chatId;
}

/** What an SDK client does for a turn. */
async function sdkSend(flavour: sdk.SdkFlavour, id: string, question: string): Promise<void> {
  const before = transcript(id);
  const created = flavour === 'python' ? '2026-02-01T10:00:00.123456+00:00' : '2026-02-01T10:00:00.123Z';
  const after = sdk.appendTurn(before, sdk.openChat(flavour, id, before), question, created);
  await write(`${id}/chat.jsonl`, after);
  const chat = sdk.openChat(flavour, id, after);
  await sdkChange(flavour, (chats) => sdk.touched(chats, id, chat, chat.turns.at(-1) ?? assert.fail()));
}

async function sdkChange(
  flavour: sdk.SdkFlavour,
  change: (chats: readonly sdk.SdkEntry[]) => readonly sdk.SdkEntry[],
): Promise<void> {
  await write(CATALOG, sdk.changeCatalog(flavour, text(CATALOG), change));
}

async function entryOf(id: string, from = window) {
  return (await from.store.list()).find(({ guid }) => guid === id) ?? assert.fail(`${id} is not listed`);
}

for (const flavour of FLAVOURS) {
  suite(`what the ${flavour} SDK reads of ours`, () => {
    for (const golden of FLAVOURS) {
      test(`every turn of a tree of the ${golden} SDK that was continued here`, async () => {
        await load(golden);
        for (const { guid, message_count } of await window.store.list()) {
          await ask('Und weiter? 世界', guid);
          await window.store.update(guid, { title: 'Renamed here' });
          const { turns } = sdk.openChat(flavour, guid, transcript(guid));
          assert.equal(turns.length, message_count + 1);
          assert.deepEqual(
            turns.map(({ seq }) => seq),
            turns.map((_, at) => at + 1),
          );
          const row = sdk.readCatalog(text(CATALOG)).chats.find((one) => one.guid === guid);
          assert.equal(row?.title, 'Renamed here');
          assert.equal(row?.message_count, turns.length);
          assert.equal(row?.preview, 'Und weiter? 世界');
        }
      });
    }

    test('the turns of a chat of ours, and nothing of asks, failures and stops', async () => {
      for (const [path, bytes] of await sampleTree()) await files.write(path, bytes);
      const id = SAMPLE_CHATS.ours;
      const { turns } = sdk.openChat(flavour, id, transcript(id));
      assert.deepEqual(
        turns.map(({ seq, question }) => [seq, question.questions.at(-1)?.text]),
        [
          [1, 'Was heißt 世界? 🙂'],
          [2, 'Schlägt fehl'],
        ],
      );
      assert.equal(sdk.readCatalog(text(CATALOG)).chats.length, 3);
      for (const line of transcript(id).trimEnd().split('\n'))
        assert.match(line, /^\{.*\}$/s, 'objects only, never null');
    });
  });

  suite(`what the ${flavour} SDK writes beside us`, () => {
    test('its rename holds, and nothing that we know of a chat is lost by it', async () => {
      const id = await ask('First question', await ask('First question of all'));
      const other = await ask('Other');
      await window.store.update(id, { title: 'Ours', pinned: true, archived: true });
      await window.store.update(other, { title: 'Other of ours', pipelineId: 'moved' });
      const before = await entryOf(id);
      await sdkChange(flavour, (chats) => sdk.renamed(chats, id, 'Theirs', '2026-02-02T00:00:00.000Z'));
      await window.store.check();
      assert.deepEqual(
        { ...(await entryOf(id)), updated: '', checked: undefined },
        { ...before, title: 'Theirs', updated: '', checked: undefined },
      );
      assert.equal((await entryOf(other)).title, 'Other of ours');
      assert.equal((await entryOf(other)).pipeline_id, 'moved');
      await files.remove(CATALOG);
      assert.equal((await entryOf(id)).title, 'Theirs', 'kept beside the chat, too');
      assert.equal((await entryOf(id)).pinned, true);
    });

    test('its turns are read, counted and followed', async () => {
      const id = await ask('Ours');
      await sdkSend(flavour, id, 'Theirs');
      assert.equal((await entryOf(id)).message_count, 2);
      await ask('Ours again', id);
      await sdkSend(flavour, id, 'Theirs again');
      const { turns } = sdk.openChat(flavour, id, transcript(id));
      assert.deepEqual(
        turns.map(({ seq }) => seq),
        [1, 2, 3, 4],
      );
      await window.store.check();
      assert.equal((await entryOf(id)).message_count, 4);
      assert.equal((await entryOf(id)).preview, 'Theirs again');
      assert.equal((await entryOf(id)).first_question, 'Ours');
    });

    test('a turn of ours that it overwrote while the chat is open here comes back, with a number of its own', async () => {
      const id = await ask('First');
      const chat = window.open(id, { isSaved: true });
      await chat.refresh();
      const old = transcript(id);
      await chat.send('Overwritten', window.context());
      await until(chat, () => !chat.isRunning);
      await write(
        `${id}/chat.jsonl`,
        sdk.appendTurn(old, sdk.openChat(flavour, id, old), 'Theirs', '2026-02-01T10:00:00Z'),
      );
      await chat.refresh();
      await chat.refresh();
      assert.deepEqual(chat.turns.map(({ question }) => question).toSorted(), ['First', 'Overwritten', 'Theirs']);
      const { turns } = sdk.openChat(flavour, id, transcript(id));
      assert.deepEqual(
        turns.map(({ seq }) => seq),
        [1, 2, 3],
      );
    });

    test('its delete takes the chat out of our list, too', async () => {
      const id = await ask('One');
      const kept = await ask('Two');
      await sdkChange(flavour, (chats) => chats.filter(({ guid }) => guid !== id));
      await files.remove(id);
      await window.store.check();
      assert.deepEqual(
        (await window.store.list()).map(({ guid }) => guid),
        [kept],
      );
    });

    test('a catalog that it started anew loses no chat of ours', async () => {
      const ids = [await ask('One'), await ask('Two')];
      await window.store.update(ids[0] ?? '', { title: 'Kept', pinned: true });
      await write(CATALOG, text(CATALOG).slice(0, 100));
      await sdkChange(flavour, (chats) => chats);
      assert.deepEqual((await window.store.list()).map(({ guid }) => guid).toSorted(), ids.toSorted());
      assert.equal((await entryOf(ids[0] ?? '')).title, 'Kept');
      assert.equal((await entryOf(ids[0] ?? '')).pinned, true);
    });
  });
}

suite('their sweep of folders that the catalog does not name', () => {
  test('would find none of ours at any moment', async () => {
    let looked = 0;
    const found: string[] = [];
    const watched = new HookedFileStore(files, async (operation, work) => {
      const result = await work();
      const { chats } = sdk.readCatalog(files.files.has(CATALOG) ? text(CATALOG) : undefined);
      const named = new Set(chats.map(({ guid }) => guid));
      const folders = (await files.list('')).filter(({ name }) => name.length === 36 && !named.has(name));
      if (folders.length > 0) found.push(`${operation.kind} ${operation.path}`);
      looked += 1;
      return result;
    });
    const own = new TestWindow(watched);
    own.engine.isEchoing = true;
    const first = await ask('One', undefined, own);
    await ask('Again', first, own);
    await own.store.update(await ask('Two', undefined, own), { title: 'T', pinned: true });
    await own.store.delete(first);
    await own.store.trash.restore(first);
    await own.store.check();
    own.close();
    assert.deepEqual(found, []);
    assert.ok(looked > 30);
  });
});

suite('transcripts as others leave them', () => {
  for (const golden of GOLDEN_TRANSCRIPTS) {
    test(`${golden.name}: read, ${golden.isNewer ? 'not continued' : 'continued'}, and every byte kept`, async () => {
      const path = `${GOLDEN_CHAT}/chat.jsonl`;
      await write(path, golden.text);
      assert.equal((await entryOf(GOLDEN_CHAT)).message_count, golden.turnCount);
      const chat = window.open(GOLDEN_CHAT, { isSaved: true });
      await chat.refresh();
      assert.equal(chat.turns.length, golden.turnCount);
      if (golden.isNewer) {
        assert.equal((await chatErrorOf(() => chat.send('More', window.context()))).code, 'newer-format');
        assert.equal(text(path), golden.text);
        return;
      }
      await chat.send('More', window.context());
      await until(chat, () => !chat.isRunning);
      await window.store.update(GOLDEN_CHAT, { title: 'Title' });
      await window.store.check();
      assert.ok(text(path).startsWith(golden.text), 'every byte is kept');
      const added = text(path).slice(golden.text.length).trim().split('\n');
      assert.deepEqual(
        added.map((line) => JSON.parse(line).type),
        ['ask', 'turn'],
      );
      assert.equal(JSON.parse(added[1] ?? '').seq, golden.lastSeq + 1);
      for (const flavour of FLAVOURS) {
        const open = () => sdk.openChat(flavour, GOLDEN_CHAT, text(path)).turns.at(-1)?.question.questions[0]?.text;
        if (golden.closedTo?.includes(flavour)) assert.throws(open);
        else assert.equal(open(), 'More');
      }
    });
  }
});
