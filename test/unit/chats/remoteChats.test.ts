import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import type { WebSocket } from 'ws';
import type { Conversation } from '../../../src/chats/conversation.ts';
import { whenConnected } from '../../../src/chats/whenConnected.ts';
import type { RemoteFileStore } from '../../../src/files/remoteFileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { openSocket } from '../../../src/rocketride/openSocket.ts';
import type { ServerLink } from '../../../src/rocketride/serverSession.ts';
import { TestWindow } from '../../support/chatFixture.ts';
import type { Frame } from '../../support/rocketRideServer/frame.ts';
import type { ServerConnection } from '../../support/rocketRideServer/serverConnection.ts';
import type { Drop } from '../../support/rocketRideServer/traps.ts';
import { ServerWorld } from '../../support/serverWorld.ts';

/** A request that the server never saw, and one that it carried out without being able to say so. */
const drops: readonly Omit<Drop, 'nth'>[] = [
  { from: 'client', when: 'before' },
  { from: 'server', when: 'before' },
];

suite('chats on a server', function () {
  this.timeout(120_000);
  let world: ServerWorld;
  let windows: { readonly window: TestWindow; readonly files: RemoteFileStore }[];

  setup(async () => {
    world = await ServerWorld.start();
    windows = [];
  });
  teardown(async () => {
    for (const { window } of windows) window.close();
    await world.close();
  });

  function open(link?: ServerLink): TestWindow {
    const files = world.files({ pollMs: 100, ...(link && { link }) });
    const window = new TestWindow(files);
    window.engine.isEchoing = true;
    windows.push({ window, files });
    return window;
  }

  /** A window that loses its network without the server noticing, which keeps what is open there until `drop`. */
  function openFragile(): { window: TestWindow; cut(): void } {
    const sockets: WebSocket[] = [];
    const open_ = (url: string) => {
      const socket = openSocket(url);
      sockets.push(socket);
      return socket;
    };
    const window = open(world.connect({ openSocket: open_ }));
    return { window, cut: () => sockets.at(-1)?.emit('close', 1006, Buffer.alloc(0)) };
  }

  /**
   * Cuts the network when a transcript is kept and its file is not closed yet. The server notices when the window wants
   * the lock again that it still holds over the old connection.
   */
  function cutWhileKept(cut: () => void): void {
    let kept: unknown;
    let old: ServerConnection | undefined;
    world.server.onRequest = ({ subcommand, args, data, connection }) => {
      if (subcommand === 'fs_write' && /"for":"[^"]*chat.jsonl","kind":"whole"/.test(String(data)))
        kept ??= args.handle;
      if (subcommand === 'fs_close' && args.handle === kept && !old) {
        old = world.server.connections.find(({ id }) => id === connection);
        cut();
        return new Promise(() => {});
      }
      const isLock = subcommand === 'fs_open' && /\.locks\/(chat-|create)/.test(String(args.path));
      if (old && isLock && connection !== old.id) old.drop();
      return undefined;
    };
  }

  async function closeAll(): Promise<void> {
    for (const { window, files } of windows.splice(0)) {
      window.close();
      await world.disconnect(files);
    }
  }

  /** Runs a deed with the socket dropped at every frame that it sends or gets, one after another. */
  async function atEveryFrame(deed: (window: TestWindow, setTrap: () => void) => Promise<void>): Promise<void> {
    let cutCount = 0;
    for (const drop of drops) {
      for (let nth = 1, isCut = true; isCut; nth += 1) {
        world = await ServerWorld.start();
        const window = open();
        await deed(window, () => {
          const id = Math.max(...world.server.connections.map((connection) => connection.id));
          world.server.traps.drop = { ...drop, nth, matches: ({ connection }) => connection === id };
        });
        isCut = world.server.traps.drop === undefined;
        world.server.traps.drop = undefined;
        cutCount += isCut ? 1 : 0;
        await closeAll();
        await world.close();
      }
    }
    assert.ok(cutCount >= 20, `the socket was dropped ${cutCount} times`);
  }

  test('a question sent while the socket drops at any frame is asked once, answered and saved once', async () => {
    await atEveryFrame(async (window, setTrap) => {
      const chat = window.open();
      await ask(chat, window, 'first');
      setTrap();
      await ask(chat, window, 'second');
      assert.deepEqual(questions(chat), ['first', 'second']);
      await assertSaved(chat.chatId, ['first', 'second']);
    });
  });

  test('the first question of a chat, with the socket dropped at any frame', async () => {
    await atEveryFrame(async (window, setTrap) => {
      await window.store.list();
      setTrap();
      const chat = window.open();
      await ask(chat, window, 'first').catch(async (error: unknown) => {
        assert.equal(ChatError.from(error).code, 'server-offline');
        await ask(chat, window, 'first');
      });
      await assertSaved(chat.chatId, ['first']);
      const listed = await open().store.list();
      assert.equal(listed.filter(({ guid }) => guid === chat.chatId).length, 1);
    });
  });

  test('a rename while the socket drops at any frame is done, or said to have failed and can be done again', async () => {
    await atEveryFrame(async (window, setTrap) => {
      const chat = window.open();
      await ask(chat, window, 'first');
      setTrap();
      await retried(() => window.store.update(chat.chatId, { title: 'Renamed' }));
      const other = open();
      await other.store.check();
      const entry = (await other.store.list()).find(({ guid }) => guid === chat.chatId);
      assert.equal(entry?.title, 'Renamed');
      await assertSaved(chat.chatId, ['first']);
    });
  });

  test('a delete while the socket drops at any frame is done, or said to have failed and can be done again', async () => {
    await atEveryFrame(async (window, setTrap) => {
      const chat = window.open();
      await ask(chat, window, 'first');
      setTrap();
      await retried(() => window.store.delete(chat.chatId));
      const other = open();
      assert.deepEqual(
        (await other.store.list()).filter(({ guid }) => guid === chat.chatId),
        [],
      );
      await other.store.check();
      assert.deepEqual(
        (await other.store.list()).filter(({ guid }) => guid === chat.chatId),
        [],
      );
      const trashed = (await other.store.trash.list()).filter(({ entry }) => entry.guid === chat.chatId);
      assert.equal(trashed.length, 1, 'it can be restored');
    });
  });

  test('where the storage can not delete, a deleted chat is gone, also after the list is rebuilt, and can come back', async () => {
    world.server.traps.storage = 'object';
    const window = open();
    const [kept, deleted] = [window.open(), window.open()];
    await ask(kept, window, 'kept');
    await ask(deleted, window, 'deleted');
    await window.store.delete(deleted.chatId);
    const listed = async () => (await open().store.list()).map(({ guid }) => guid);
    assert.deepEqual(await listed(), [kept.chatId]);
    await window.store.files.remove('catalog.json');
    assert.deepEqual(await listed(), [kept.chatId]);
    const other = open();
    const [trashed] = await other.store.trash.list();
    assert.equal(trashed?.entry.guid, deleted.chatId);
    await other.store.trash.restore(trashed?.name ?? '');
    assert.deepEqual((await listed()).toSorted(), [kept.chatId, deleted.chatId].toSorted());
    await window.store.delete(deleted.chatId);
    await window.store.trash.purge(deleted.chatId);
    assert.deepEqual(await listed(), [kept.chatId]);
    assert.deepEqual(await open().store.trash.list(), []);
    await window.store.files.remove('catalog.json');
    assert.deepEqual(await listed(), [kept.chatId]);
  });

  test('a question that is being answered is not taken for interrupted after a lost connection', async () => {
    const [window, other] = [open(), open()];
    window.engine.isEchoing = false;
    const chat = window.open();
    await chat.send('first', window.context());
    const asked = await window.engine.next();
    await world.server.dropAll();
    await chat.refresh();
    const seen = other.open(chat.chatId, { isSaved: true });
    await seen.refresh();
    assert.equal(seen.turns[0]?.state, 'elsewhere');
    asked.answer('Answer');
    await changed(chat, () => !chat.isRunning);
    await assertSaved(chat.chatId, ['first']);
  });

  test('an answer that comes while there is no connection is saved by itself when there is one again', async () => {
    const window = open();
    window.engine.isEchoing = false;
    const chat = window.open();
    await chat.send('first', window.context());
    const asked = await window.engine.next();
    await world.server.goDown();
    asked.answer('Answer');
    await changed(chat, () => !chat.isRunning);
    assert.equal(chat.turns[0]?.state, 'failed', 'the turn says that it could not be saved');
    await world.server.comeUp();
    await changed(
      chat,
      () => chat.turns[0]?.state === 'done',
      () => chat.refresh(),
    );
    await assertSaved(chat.chatId, ['first']);
  });

  test('an answer is saved once, when the server commits what it got after the window has looked for it', async () => {
    const { window, cut } = openFragile();
    const chat = window.open();
    await ask(chat, window, 'first');
    cutWhileKept(cut);
    await ask(chat, window, 'second');
    await assertSaved(chat.chatId, ['first', 'second']);
  });

  test('a first question is saved once, when the server commits what it got after the window has looked for it', async () => {
    const { window, cut } = openFragile();
    await window.store.list();
    cutWhileKept(cut);
    const chat = window.open();
    await ask(chat, window, 'first');
    await assertSaved(chat.chatId, ['first']);
  });

  for (const storage of ['disk', 'object'] as const) {
    test(`a question that another window is answering is seen as such, on ${storage} storage`, async () => {
      world.server.traps.storage = storage;
      const window = open();
      window.engine.isEchoing = false;
      const chat = window.open();
      await chat.send('first', window.context());
      const other = open().open(chat.chatId, { isSaved: true });
      await other.refresh();
      assert.equal(other.turns[0]?.state, 'elsewhere');
      await world.disconnect(windows[0]?.files ?? assert.fail());
      await other.refresh();
      assert.equal(other.turns[0]?.state, 'interrupted');
    });
  }

  test('a chat that could not be looked at because the connection was lost is not listed for that', async () => {
    world.server.traps.storage = 'object';
    const [window, other] = [open(), open()];
    const chat = window.open();
    await ask(chat, window, 'first');
    await window.store.delete(chat.chatId);
    const isMeta = ({ args }: Frame) => args.path === `.chats/${chat.chatId}/meta.jsonl`;
    world.server.traps.drop = { from: 'client', when: 'before', matches: isMeta };
    await other.store.list().catch((error: unknown) => assert.equal(ChatError.from(error).code, 'server-offline'));
    assert.equal(world.server.traps.drop, undefined);
    assert.deepEqual(await open().store.list(), []);
  });

  test('where the storage can not delete, a first question is saved when the connection is lost in the middle', async () => {
    world.server.traps.storage = 'object';
    const window = open();
    await ask(window.open(), window, 'another');
    const chat = window.open();
    const isTranscript = ({ args }: Frame) => args.path === `.chats/${chat.chatId}/chat.jsonl` && args.mode === 'w';
    world.server.traps.drop = { from: 'client', when: 'after', matches: isTranscript };
    await ask(chat, window, 'first');
    assert.equal(world.server.traps.drop, undefined);
    await assertSaved(chat.chatId, ['first']);
  });

  test('an answer that comes late does not bring back a chat that is purged meanwhile', async () => {
    world.server.traps.storage = 'object';
    const [window, other] = [open(), open()];
    const chat = window.open();
    await ask(chat, window, 'first');
    window.engine.isEchoing = false;
    await chat.send('second', window.context());
    const asked = await window.engine.next();
    await other.store.delete(chat.chatId);
    const replacing = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let isPurging = false;
    world.server.onRequest = ({ subcommand, args }) => {
      const isTranscript = args.path === `.chats/${chat.chatId}/chat.jsonl` && args.mode === 'w';
      if (isTranscript && !isPurging) {
        isPurging = true;
        replacing.resolve();
        return goOn.promise;
      }
      // The purge has come to the lock, or to the transcript.
      const isLock = subcommand === 'fs_open' && String(args.path).startsWith('.chats/.locks/chat-');
      if (isPurging && (isLock || isTranscript)) goOn.resolve();
      return undefined;
    };
    asked.answer('Late');
    await replacing.promise;
    await other.store.trash.purge(chat.chatId);
    await changed(chat, () => !chat.isRunning);
    const fresh = open();
    await fresh.store.check();
    assert.deepEqual(await fresh.store.list(), []);
    assert.deepEqual(await fresh.store.trash.list(), []);
  });

  test('what is saved again when there is a connection leaves the others their turn', async () => {
    let isConnected = false;
    setTimeout(() => {
      isConnected = true;
    }, 5);
    await whenConnected(async () => {
      if (!isConnected) throw new ChatError('server-offline', 'No connection.');
    });
  });

  async function assertSaved(chatId: string, expected: readonly string[]): Promise<void> {
    const window = open();
    const chat = window.open(chatId, { isSaved: true });
    await chat.refresh();
    assert.deepEqual(questions(chat), expected);
    assert.deepEqual(
      chat.turns.map(({ state }) => state),
      expected.map(() => 'done'),
    );
    const entry = (await window.store.list()).find(({ guid }) => guid === chatId);
    await window.store.check();
    const checked = (await window.store.list()).find(({ guid }) => guid === chatId);
    assert.equal(checked?.message_count, expected.length);
    assert.equal(entry?.guid, chatId);
  }
});

async function ask(chat: Conversation, window: TestWindow, text: string): Promise<void> {
  await chat.send(text, window.context());
  await changed(chat, () => !chat.isRunning);
}

/** Resolves when it is so; `nudge` is done again with every look. */
async function changed(chat: Conversation, isSo: () => boolean, nudge?: () => Promise<unknown>): Promise<void> {
  while (!isSo()) {
    if (nudge) await nudge();
    else
      await new Promise<void>((resolve) => {
        const subscription = chat.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
  }
}

function questions(chat: Conversation): string[] {
  return chat.turns.map(({ question }) => question);
}

/** As a user does who is told that it did not work. */
async function retried(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.equal(ChatError.from(error).code, 'server-offline');
    await work();
  }
}
