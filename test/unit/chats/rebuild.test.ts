import assert from 'node:assert/strict';
import fc from 'fast-check';
import { suite, test } from 'mocha';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { TestWindow, until } from '../../support/chatFixture.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';

const CATALOG = 'catalog.json';

/** `which` picks one of the chats there are, so that any number fits any history. */
const which = fc.nat(20);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
/** Some questions this long make a file that is read in parts. */
const padding = fc.constantFrom(0, 0, 0, 25_000, 90_000);
const how = fc.constantFrom('answer', 'answer', 'fail', 'stop');
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), text, padding, how }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), which, text, padding, how }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), which, text: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pin' as const), which, is: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('archive' as const), which, is: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relink' as const), which, text: fc.constantFrom('p', 'q') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose the catalog' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('check' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Its question is out of sight from the end of the file. */
const LONG_FAILURE: Step = { do: 'create', text: 'Long', padding: 90_000, how: 'fail' };

suite('a catalog made again from the folders', () => {
  test('equals the one that was kept, field by field, whatever happened before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (history) => {
        const files = new MemoryFileStore();
        const window = new TestWindow(files);
        for (const one of history) await play(window, files, one);
        await window.store.list();
        const kept = rowsOf(files);
        files.files.delete(CATALOG);
        const other = new TestWindow(files);
        await other.store.list();
        assert.deepEqual(rowsOf(files), kept);
        window.close();
        other.close();
      }),
      { numRuns: 60, includeErrorInReport: true, examples: [[[LONG_FAILURE]]] },
    );
  });
});

async function play(window: TestWindow, files: MemoryFileStore, one: Step): Promise<void> {
  const { store } = window;
  if (one.do === 'create') return send(window, undefined, one);
  if (one.do === 'lose the catalog') return void files.files.delete(CATALOG);
  if (one.do === 'check') return store.check();
  if (one.do === 'restore') {
    const name = nth(
      (await store.trash.list()).map((chat) => chat.name),
      one.which,
    );
    return name === undefined ? undefined : restore(window, name);
  }
  const id = nth(
    (await store.list()).map(({ guid }) => guid),
    one.which,
  );
  if (id === undefined) return;
  if (one.do === 'send') return send(window, id, one);
  if (one.do === 'delete') return void (await store.delete(id));
  if (one.do === 'rename') return store.update(id, { title: one.text });
  if (one.do === 'pin') return store.update(id, { pinned: one.is });
  if (one.do === 'archive') return store.update(id, { archived: one.is });
  return store.update(id, { pipelineId: one.text });
}

async function restore({ store }: TestWindow, name: string): Promise<void> {
  try {
    await store.trash.restore(name);
  } catch (error) {
    // Its id may be in the list.
    assert.equal(ChatError.from(error).code, 'invalid');
  }
}

async function send(
  window: TestWindow,
  id: string | undefined,
  { text, padding, how }: { text: string; padding: number; how: string },
): Promise<void> {
  const question = text + 'x'.repeat(padding);
  const chat = window.open(id, { isSaved: id !== undefined });
  await chat.refresh();
  await chat.send(question, window.context({ historyMessages: 1 }));
  const asked = await window.engine.next();
  if (how === 'answer') asked.answer(`Answer to ${question}`);
  else if (how === 'fail') asked.fail(new ChatError('unreachable', 'Nothing answers.'));
  else chat.stop();
  await until(chat, () => !chat.isRunning);
}

function nth<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(items.length, 1)];
}

/** The rows of the catalog on disk; a flag that is off is as good as none. */
function rowsOf(files: MemoryFileStore): Record<string, unknown>[] {
  const bytes = files.files.get(CATALOG);
  const rows: Record<string, unknown>[] = bytes ? JSON.parse(Buffer.from(bytes).toString()).chats : [];
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== false)))
    .toSorted((a, b) => String(a.guid).localeCompare(String(b.guid)));
}
