import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { setup, suite, teardown, test } from 'mocha';
import { moveChat } from '../../../src/chats/copy/carryChat.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { ChatFixture, TestWindow } from '../../support/chatFixture.ts';
import { ServerWorld } from '../../support/serverWorld.ts';
import { header, turn, writeChat } from '../../support/writtenChat.ts';

const ID = '11111111-2222-4333-8444-555555555555';

suite('chats that are moved to a server and back', function () {
  this.timeout(120_000);
  let fixture: ChatFixture;
  let world: ServerWorld;
  let here: TestWindow;
  let there: TestWindow;

  async function begin(): Promise<void> {
    fixture = await ChatFixture.make();
    world = await ServerWorld.start();
    await writeChat(fixture.root, ID, [header(ID), turn(ID, 1, 'One', 'Uno'), '{"type":"turn","torn']);
    here = fixture.window();
    there = new TestWindow(world.files());
  }
  async function end(): Promise<void> {
    there.close();
    await world.close();
    await fixture.clean();
  }
  setup(begin);
  teardown(end);

  const listed = async ({ store }: TestWindow) => (await store.list()).map(({ guid }) => guid);
  const transcript = async ({ store }: TestWindow) =>
    Buffer.from(await store.files.read(`${ID}/chat.jsonl`)).toString();

  for (const storage of ['disk', 'object'] as const) {
    test(`on a server whose files are kept as ${storage}, every byte comes there and back`, async () => {
      world.server.traps.storage = storage;
      await mkdir(fixture.path(ID, 'blobs'));
      await writeFile(fixture.path(ID, 'blobs', '0a'), Buffer.from([0, 10, 255]));
      // As the SDKs leave it.
      await writeFile(fixture.path(ID, '.dirmarker'), '');
      await here.store.update(ID, { title: 'Numbers', pinned: true });
      const [before, meta] = [await transcript(here), await readFile(fixture.path(ID, 'meta.jsonl'), 'utf8')];
      await moveChat(here.store, ID, there.store);
      assert.deepEqual([await listed(here), await listed(there)], [[], [ID]]);
      assert.equal(await transcript(there), `${before}\n`);
      await here.store.trash.purge(ID);
      await moveChat(there.store, ID, here.store);
      await there.store.check();
      assert.deepEqual([await listed(here), await listed(there)], [[ID], []]);
      assert.equal(await transcript(here), `${before}\n`);
      assert.equal(await readFile(fixture.path(ID, 'meta.jsonl'), 'utf8'), meta);
      assert.deepEqual(await readFile(fixture.path(ID, 'blobs', '0a')), Buffer.from([0, 10, 255]));
      assert.equal((await here.store.list())[0]?.title, 'Numbers');
    });
  }

  test('with the socket dropped at any frame the chat is whole, here or there, and a second try moves it', async () => {
    let cutCount = 0;
    for (let nth = 1, isCut = true; isCut; nth += 1) {
      await end();
      await begin();
      await there.store.list();
      const before = await transcript(here);
      world.server.traps.drop = { from: 'client', when: 'after', nth };
      const failure = await moveChat(here.store, ID, there.store).then(
        () => undefined,
        (error) => ChatError.from(error),
      );
      isCut = world.server.traps.drop === undefined;
      world.server.traps.drop = undefined;
      cutCount += isCut ? 1 : 0;
      assert.notEqual(failure?.code, 'internal');
      if (failure) {
        assert.deepEqual(await listed(here), [ID], failure.message);
        assert.equal(await transcript(here), before);
        // What came there before the cut is in the way, as is said.
        if ((await listed(there)).includes(ID)) await there.store.delete(ID);
        await moveChat(here.store, ID, there.store);
      }
      assert.deepEqual([await listed(here), await listed(there)], [[], [ID]]);
      assert.equal(await transcript(there), `${before}\n`);
    }
    assert.ok(cutCount >= 10, `the socket was dropped ${cutCount} times`);
  });
});
