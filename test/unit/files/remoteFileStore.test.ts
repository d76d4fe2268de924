import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setup, suite, teardown, test } from 'mocha';
import type { FileStore, Lease } from '../../../src/files/fileStore.ts';
import { closeWritten, entriesOf, openForWriting, readBytes, writeTo } from '../../../src/files/serverFiles.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import type { ServerSession } from '../../../src/rocketride/serverSession.ts';
import type { Frame } from '../../support/rocketRideServer/frame.ts';
import type { Drop } from '../../support/rocketRideServer/traps.ts';
import { ServerWorld } from '../../support/serverWorld.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array) => Buffer.from(data).toString();

interface Deed {
  readonly name: string;
  readonly before: Record<string, string>;
  readonly work: (files: FileStore) => Promise<unknown>;
  /** What a reader may find afterwards: the state before, or the one after. */
  readonly after: Record<string, string | undefined>;
}

const OLD = 'one line, and another\nand a third\n';
const held = (work: (files: FileStore, lease: Lease) => Promise<unknown>) => (files: FileStore) =>
  files.exclusive('.locks/lock', (lease) => work(files, lease));

const deeds: readonly Deed[] = [
  {
    name: 'append',
    before: { file: OLD },
    work: held((files, lease) => files.append('file', bytes('new\n'), lease)),
    after: { file: `${OLD}new\n` },
  },
  {
    name: 'write of something longer',
    before: { file: OLD },
    work: held((files, lease) => files.write('file', bytes(`other ${OLD}`), lease)),
    after: { file: `other ${OLD}` },
  },
  {
    name: 'write of something shorter',
    before: { file: OLD },
    work: held((files, lease) => files.write('file', bytes('short\n'), lease)),
    after: { file: 'short\n' },
  },
  {
    name: 'create',
    before: {},
    work: (files) => files.create('folder/file', bytes(OLD)),
    after: { 'folder/file': OLD },
  },
  {
    name: 'jot',
    before: { file: OLD },
    work: async (files) => files.jot?.('file', bytes('{"id":"1"}\n')),
    after: { file: `${OLD}{"id":"1"}\n` },
  },
  { name: 'remove', before: { file: OLD }, work: (files) => files.remove('file'), after: { file: undefined } },
];

const drops: readonly Omit<Drop, 'nth'>[] = [
  { from: 'client', when: 'before' },
  { from: 'client', when: 'after' },
  { from: 'server', when: 'before' },
  { from: 'server', when: 'after' },
];

suite('RemoteFileStore', function () {
  this.timeout(60_000);
  let world: ServerWorld;

  setup(async () => {
    world = await ServerWorld.start();
  });
  teardown(() => world.close());

  for (const deed of deeds) {
    test(`${deed.name}: whatever frame the socket drops at, a reader finds the old bytes or the new`, async () => {
      let cutCount = 0;
      for (const drop of drops) {
        for (let nth = 1, wasCut = true; wasCut; nth += 1) {
          const [writer, reader] = [world.files(), world.files()];
          await writer.remove('folder/file');
          await writer.remove('file');
          for (const [path, content] of Object.entries(deed.before)) await writer.write(path, bytes(content));
          await writer.stat('file');
          const id = newest(world);
          world.server.traps.drop = { ...drop, nth, matches: ({ connection }) => connection === id };
          const result = await deed.work(writer).then(
            () => 'done',
            (error: unknown) => ChatError.from(error).code,
          );
          wasCut = world.server.traps.drop === undefined;
          world.server.traps.drop = undefined;
          cutCount += wasCut ? 1 : 0;
          assert.ok(result === 'done' || result === 'server-offline', `${result} at ${drop.when} ${drop.from} ${nth}`);
          await assertOldOrNew(reader, deed, result === 'done');
          await deed.work(writer).catch((error: unknown) => assert.equal(ChatError.from(error).code, 'not-found'));
          await assertUsable(reader, deed);
          await Promise.all([writer.dispose(), reader.dispose()]);
        }
      }
      assert.ok(cutCount >= 8, `the socket was dropped ${cutCount} times`);
    });
  }

  test('two windows exclude each other', async () => {
    const windows = [world.files(), world.files()];
    await windows[0]?.write('counter', bytes('0\n'));
    const count = (files: FileStore) =>
      files.exclusive('lock', async (lease) => {
        const value = Number(text(await files.read('counter')));
        await files.write('counter', bytes(`${value + 1}\n`), lease);
      });
    await Promise.all(Array.from({ length: 20 }, (_, at) => windows.map((files) => at < 10 && count(files))).flat());
    assert.equal(text(await world.files().read('counter')), '20\n');
  });

  test('who loses the connection inside a lock loses the right, and writes nothing more', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.write('value', bytes('old\n'));
    await assert.rejects(
      one.exclusive('lock', async (lease) => {
        world.server.dropAll();
        await two.exclusive('lock', (theirs) => two.write('value', bytes('theirs\n'), theirs));
        await one.write('value', bytes('late\n'), lease);
      }),
      { code: 'server-offline' },
    );
    assert.equal(text(await one.read('value')), 'theirs\n');
  });

  test('a lock of a window that fell silent is waited for, and the wait is told', async () => {
    const [silent, waiting] = [world.files(), world.files()];
    let cut = () => {};
    const held = silent.exclusive('lock', () => new Promise<void>((resolve) => (cut = resolve)));
    await new Promise<void>((told) => {
      const done = waiting.exclusive('lock', async () => undefined, { onWait: told });
      void done.finally(told);
    });
    cut();
    await held;
    await waiting.exclusive('lock', async () => undefined, { waitMs: 5000 });
  });

  test('a reader beside a busy writer never sees anything between two contents', async () => {
    const [writer, reader] = [world.files(), world.files()];
    const content = (at: number) => `${String(at).repeat(40 + (at % 7))}\n`;
    await writer.write('file', bytes(content(0)));
    const seen = new Set<string>();
    let written = 0;
    const writing = (async () => {
      while (seen.size < 3 && written < 1000) {
        written += 1;
        await writer.write('file', bytes(content(written)));
      }
    })();
    while (seen.size < 3 && written < 1000) seen.add(text(await reader.read('file')));
    await writing;
    const whole = Array.from({ length: written + 1 }, (_, at) => content(at));
    assert.deepEqual(
      [...seen].filter((found) => !whole.includes(found)),
      [],
    );
    assert.equal(seen.size, 3, 'the reader met the writer');
  });

  test('what another client writes meanwhile without our lock is kept by an append', async () => {
    const files = world.files();
    const session = await world.connect().session();
    await files.create('chat', bytes('1\n'));
    const handle = await openForWriting(session, '.chats/chat');
    const appended = files.append('chat', bytes('3\n'));
    await writeTo(handle, bytes('1\n2\n'));
    await closeWritten(handle);
    assert.equal(await appended, 6);
    assert.equal(text(await world.files().read('chat')), '1\n2\n3\n');
  });

  test('lines that were jotted down are put into the file by the next append, in any window', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.create('chat', bytes('head\n'));
    await one.jot('chat', bytes('one\n'));
    await two.jot('chat', bytes('two\n'));
    assert.equal(text(await two.read('chat')), 'head\none\ntwo\n');
    assert.equal((await one.stat('chat'))?.size, 13);
    const session = await world.connect().session();
    assert.equal(text((await readBytes(session, '.chats/chat')) ?? bytes('')), 'head\n', 'other clients see it later');
    await two.append('chat', bytes('end\n'));
    assert.equal(text((await readBytes(session, '.chats/chat')) ?? bytes('')), 'head\none\ntwo\nend\n');
    assert.equal(text(await one.read('chat')), 'head\none\ntwo\nend\n');
    await assert.rejects(one.jot('nowhere', bytes('1\n')), { code: 'not-found' });
  });

  test('what is written whole does not get lines again that were jotted down before, whoever reads when', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.create('chat', bytes('head\n'));
    await one.jot('chat', bytes('{"id":1}\n'));
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let isReplaced = false;
    world.server.onRequest = ({ subcommand, args: { path, mode } }) => {
      const isChange = subcommand === 'fs_delete' || mode === 'w';
      if (path === '.chats/chat' && isChange) isReplaced = true;
      const isClearing = isReplaced && isChange && String(path).startsWith('.chats/.aside/');
      return isClearing ? held : undefined;
    };
    await one.write('chat', bytes('whole\n'));
    assert.equal(text(await two.read('chat')), 'whole\n');
    goOn();
    world.server.onRequest = undefined;
    assert.equal(await two.append('chat', bytes('end\n')), 10);
  });

  test('where nothing can be deleted, what is removed is gone all the same, and nothing is moved by halves', async () => {
    world.server.traps.storage = 'object';
    const files = world.files();
    await files.write('chat/file', bytes('1\n'));
    await files.append('chat/file', bytes('2\n'));
    await assert.rejects(files.move('chat', 'trash/chat'), { code: 'storage' });
    assert.equal(text(await files.read('chat/file')), '1\n2\n');
    assert.equal(await files.stat('trash/chat/file'), undefined);
    await files.remove('chat');
    assert.equal(await files.stat('chat/file'), undefined);
    assert.deepEqual(await files.list('chat'), []);
    assert.equal(await files.stat('chat'), undefined);
    const later = world.files();
    assert.equal(await later.create('chat/file', bytes('3\n')), true, 'in another window as well');
    assert.equal(text(await files.read('chat/file')), '3\n');
  });

  test('where times are in whole seconds, what another window writes in the same second is seen all the same', async () => {
    world.server.traps.storage = 'object';
    const [one, two] = [world.files(), world.files()];
    for (const letter of 'abcdefgh') {
      const [writer, reader] = letter.charCodeAt(0) % 2 ? [one, two] : [two, one];
      await writer.exclusive('lock', (lease) => writer.write('file', bytes(`${letter}\n`), lease));
      await reader.exclusive('lock', async () => assert.equal(text(await reader.read('file')), `${letter}\n`));
    }
  });

  test('however much is read at once, no more handles are open than the server allows', async () => {
    const files = world.files();
    const paths = Array.from({ length: 100 }, (_, at) => `file-${at}`);
    for (const path of paths) await files.write(path, bytes(`${path}\n`));
    const other = world.files();
    await other.stat('file-0');
    let open = 0;
    let most = 0;
    world.server.onRequest = ({ subcommand }) => {
      open += subcommand === 'fs_open' ? 1 : subcommand === 'fs_close' ? -1 : 0;
      most = Math.max(most, open);
    };
    const contents = await Promise.all(paths.map((path) => other.read(path)));
    assert.deepEqual(
      contents.map(text),
      paths.map((path) => `${path}\n`),
    );
    assert.ok(most <= 32, `${most} were open`);
  });

  test('what another window changes in a folder is told, and only when somebody looks', async () => {
    let isWatched = false;
    const [one, two] = [world.files({ isWatched: () => isWatched }), world.files()];
    await two.write('chat/file', bytes('1\n'));
    await one.read('chat/file');
    const id = newest(world);
    const before = world.server.requests.length;
    const changed = new Promise<void>((resolve) => one.watch('chat', resolve));
    await two.append('chat/file', bytes('2\n'));
    const mine = world.server.requests.slice(before).filter(({ connection }) => connection === id);
    assert.deepEqual(mine, [], 'nobody looks');
    isWatched = true;
    await changed;
    assert.equal(text(await one.read('chat/file')), '1\n2\n');
  });

  test('nothing outside .chats is ever named to the server', async () => {
    const files = world.files();
    await files.write('a/b', bytes('1\n'));
    await files.append('a/b', bytes('2\n'));
    await files.move('a', 'c');
    await files.list('');
    await files.exclusive('lock', async () => undefined, { isLast: true });
    await files.remove('c');
    for (const path of ['../a', 'a/../../b', '/etc/passwd', 'a\\b', 'C:/a', 'a?', 'a\u0007', 'a|b', 'a:b', 'a*']) {
      await assert.rejects(async () => files.read(path), { code: 'invalid' }, path);
      await assert.rejects(async () => files.remove(path), { code: 'invalid' }, path);
      await assert.rejects(async () => files.move('c', path), { code: 'invalid' }, path);
      await assert.rejects(async () => files.exclusive(path, async () => undefined), { code: 'invalid' }, path);
    }
    const named = world.server.requests.flatMap(({ args }) => [args.path, args.old_path, args.new_path]);
    const outside = named.filter((path) => typeof path === 'string' && !/^\.chats(\/(?!\.\.)|$)/.test(path));
    assert.ok(named.length > 20);
    assert.deepEqual(outside, []);
  });

  test('without the right to the store every operation says so', async () => {
    const owner = await world.connect().session();
    const pipeline = {
      project_id: 'p',
      source: 'chat_1',
      components: [{ id: 'chat_1', provider: 'chat', config: {} }],
    };
    const { body } = await owner.request('execute', { pipeline, source: 'chat_1' });
    const key = String(body.publicToken);
    const files = world.files({ link: world.connect({ credential: async () => key }) });
    await assert.rejects(files.list(''), { code: 'server-forbidden' });
    await assert.rejects(files.write('a', bytes('1')), { code: 'server-forbidden' });
    await assert.rejects(
      files.exclusive('a', async () => undefined),
      { code: 'server-forbidden' },
    );
  });

  test('a window that closes leaves no handle open, so that nothing stays locked behind its log-out', async () => {
    const files = world.files();
    await files.write('a', bytes('1\n'));
    await files.exclusive('lock', (lease) => files.append('a', bytes('2\n'), lease));
    await world.disconnect(files);
    const other = world.files();
    await other.exclusive('lock', (lease) => other.append('a', bytes('3\n'), lease), { waitMs: 0 });
    await world.disconnect(other);
    assert.deepEqual(await entriesOf(await world.connect().session(), '.chats/.aside'), []);
  });

  test('the same lines count once, though they were jotted down twice because nobody knew whether they are there', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.create('chat', bytes('head\n'));
    await one.jot('chat', bytes('{"id":1}\n'));
    await one.jot('chat', bytes('{"id":1}\n'));
    assert.equal(text(await two.read('chat')), 'head\n{"id":1}\n');
    assert.equal(await two.append('chat', bytes('end\n')), 18);
  });

  test('a line that was jotted down is not taken for another that lay in the same place before', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.create('chat', bytes('head\n'));
    for (const files of [one, two]) await files.append('chat', bytes('line\n'));
    await one.jot('chat', bytes('{"id":1}\n'));
    await two.exclusive('lock', (lease) => two.append('chat', bytes('{"id":2}\n'), lease));
    await two.exclusive('lock', async () => undefined);
    for (const id of [3, 4, 5, 6]) await two.jot('chat', bytes(`{"id":${id}}\n`));
    await one.append('chat', bytes('end\n'));
    const found = text(await world.files().read('chat'));
    for (const id of [1, 2, 3, 4, 5, 6]) assert.equal(found.split(`{"id":${id}}\n`).length, 2, `${id} in ${found}`);
  });

  test('who brings a file in order whose writer is gone takes the right of those who change it', async () => {
    const [gone, other, settler] = [world.files(), world.files(), world.files()];
    world.server.traps.drop = { from: 'client', when: 'before', nth: 2, matches: isWrite };
    await assert.rejects(
      gone.exclusive('.locks/lock', (lease) => gone.create('chat', bytes('head\n'), lease)),
      { code: 'server-offline' },
    );
    const [open, goOn] = hold(world, (frame) => frame.subcommand === 'fs_open' && isFor(frame, 'chat', 'w'));
    assert.equal(text(await settler.read('chat')), 'head\n');
    await open;
    const told = Promise.withResolvers<void>();
    const append = () =>
      other.exclusive('.locks/lock', (lease) => other.append('chat', bytes('new\n'), lease), { onWait: told.resolve });
    const appended = append();
    await Promise.race([appended, told.promise]);
    goOn();
    await appended;
    await settler.exclusive('.locks/lock', async () => undefined);
    await settler.exclusive('.locks/create', async () => undefined);
    assert.equal(text(await world.files().read('chat')), 'head\nnew\n');
  });

  test('what is kept beside a file goes along when its folder is moved, and nothing of it stays behind', async () => {
    const [gone, files] = [world.files(), world.files()];
    await gone.create('chat/file', bytes('head\n'));
    await gone.jot('chat/file', bytes('jotted\n'));
    await gone.create('chat/torn', bytes('one\n'));
    await gone.stat('chat/torn');
    world.server.traps.drop = { from: 'client', when: 'before', matches: (frame) => isFor(frame, 'chat/torn', 'w') };
    await assert.rejects(gone.append('chat/torn', bytes('two\n')), { code: 'server-offline' });
    await files.move('chat', 'trash/chat');
    assert.equal(text(await files.read('trash/chat/file')), 'head\njotted\n');
    assert.equal(text(await files.read('trash/chat/torn')), 'one\ntwo\n');
    const later = world.files();
    assert.equal(await later.stat('chat/file'), undefined);
    assert.equal(await later.stat('chat/torn'), undefined);
    await later.remove('trash');
    const beside = await entriesOf(await world.connect().session(), '.chats/.aside');
    assert.deepEqual(
      beside.filter(({ size }) => size !== 0),
      [],
    );
  });

  test('a line that is jotted down while its folder is moved goes along', async () => {
    const [files, other] = [world.files(), world.files()];
    await files.create('chat/file', bytes('head\n'));
    const [renaming, goOn] = hold(world, ({ subcommand }) => subcommand === 'fs_rename');
    const moved = files.move('chat', 'trash/chat');
    await renaming;
    await other.jot('chat/file', bytes('jotted\n'));
    goOn();
    await moved;
    assert.equal(text(await world.files().read('trash/chat/file')), 'head\njotted\n');
  });

  test('a file that the server opened without a word of it is whole all the same', async () => {
    const session = await world.connect().session();
    const request: ServerSession['request'] = async (command, args, options) => {
      const reply = await session.request(command, args, options);
      if (args.path !== '.chats/chat' || args.mode !== 'w') return reply;
      await session.request('rrext_store', { subcommand: 'fs_close', handle: reply.body.handle, mode: 'w' });
      throw new ChatError('server-offline', 'No answer.');
    };
    const { account, isOpen, onDidReceive, onDidClose } = session;
    const unheard = { account, isOpen, request, onDidReceive, onDidClose };
    const [files, other] = [world.files({ link: { session: async () => unheard } }), world.files()];
    await other.create('chat', bytes('head\n'));
    await assert.rejects(files.append('chat', bytes('new\n')), { code: 'server-offline' });
    assert.equal(text(await other.read('chat')), 'head\nnew\n');
  });

  test('a file that is opened when nobody waits for it any more is closed again', async () => {
    const [one, other] = [await world.connect().session(), world.files()];
    const [opening, goOn] = hold(world, (frame) => isFor(frame, 'lock', 'w'));
    await assert.rejects(openForWriting(one, '.chats/lock', 1), { code: 'server-offline' });
    await opening;
    const closed = new Promise<void>((resolve) => {
      world.server.onRequest = ({ subcommand }) => void (subcommand === 'fs_close' && resolve());
    });
    goOn();
    await closed;
    await other.exclusive('lock', async () => undefined, { waitMs: 1000 });
  });

  test('what the server could not write leaves nothing locked', async () => {
    const [files, other] = [world.files(), world.files()];
    await files.create('chat', bytes('head\n'));
    for (const nth of [1, 2]) {
      let writes = 0;
      world.server.traps.refuse = (frame) => {
        writes += isWrite(frame) ? 1 : 0;
        return isWrite(frame) && writes === nth ? 'No space left on device' : undefined;
      };
      await assert.rejects(files.append('chat', bytes(`${nth}\n`)), { code: 'server-error' });
      world.server.traps.refuse = undefined;
      await other.append('chat', bytes('more\n'));
    }
    assert.match(text(await files.read('chat')), /^head\nmore\n(2\n)?more\n$/);
    await world.disconnect(files);
    await world.disconnect(other);
    await (await world.connect().session()).request('rrext_store', {
      subcommand: 'fs_rmdir',
      path: '.chats',
      recursive: true,
    });
  });

  test('a line that is jotted down while a file is rewritten is not lost by that', async () => {
    const [one, two] = [world.files(), world.files()];
    await one.create('chat', bytes('head\n'));
    await one
      .exclusive('lock', async (lease) => {
        const before = text(await one.read('chat'));
        await two.jot('chat', bytes('jotted\n'));
        await one.stat('chat');
        await one.write('chat', bytes(before.replace('head', 'changed')), lease);
      })
      .catch((error: unknown) => assert.equal(ChatError.from(error).code, 'contended'));
    assert.match(text(await world.files().read('chat')), /^(head|changed)\njotted\n$/);
  });

  test('a record that lay there for long is not swept away by a window that has not looked at it', async () => {
    const [one, two] = [world.files(), world.files()];
    await two.create('chat', bytes('head\n'));
    await two.jot('chat', bytes('old\n'));
    const folder = join(world.server.folder, 'users/local/files/.chats/.aside');
    for (const name of await readdir(folder)) await utimes(join(folder, name), 1, 1);
    await one.jot('chat', bytes('new\n'));
    for (let looks = 0; looks < 5; looks += 1) await one.read('chat');
    assert.equal(text(await world.files().read('chat')), 'head\nold\nnew\n');
  });
});

/** Keeps the next such request waiting: a promise of its coming, and what lets it go on. */
function hold({ server }: ServerWorld, matches: (frame: Frame) => boolean): readonly [Promise<void>, () => void] {
  const came = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  server.onRequest = (frame) => {
    if (!matches(frame)) return undefined;
    server.onRequest = undefined;
    came.resolve();
    return goOn.promise;
  };
  return [came.promise, goOn.resolve];
}

function isFor({ args }: Frame, path: string, mode: string): boolean {
  return args.path === `.chats/${path}` && args.mode === mode;
}

function isWrite({ subcommand }: Frame): boolean {
  return subcommand === 'fs_write';
}

/** The connection that was made last: the writer's, whose requests are dropped. */
function newest({ server }: ServerWorld): number {
  return Math.max(...server.connections.map(({ id }) => id));
}

async function assertOldOrNew(files: FileStore, { name, before, after }: Deed, isDone: boolean): Promise<void> {
  for (const [path, content] of Object.entries(after)) {
    const found = await files.read(path).then(text, () => undefined);
    const allowed = isDone ? [content] : [before[path], content];
    assert.ok(allowed.includes(found), `${name}: ${JSON.stringify(found)}`);
  }
}

async function assertUsable(files: FileStore, { after }: Deed): Promise<void> {
  for (const path of Object.keys(after)) {
    await files.write(path, bytes('still\n'));
    assert.equal(await files.append(path, bytes('here\n')), 11);
    assert.equal(text(await files.read(path)), 'still\nhere\n');
  }
}
