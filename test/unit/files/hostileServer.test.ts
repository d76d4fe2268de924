import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { setup, suite, teardown, test } from 'mocha';
import { encodeAside } from '../../../src/files/asideRecord.ts';
import type { FileStore } from '../../../src/files/fileStore.ts';
import { entriesOf, openForWriting, readBytes, statOf, writeTo } from '../../../src/files/serverFiles.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { serverAccount } from '../../../src/rocketride/serverMessage.ts';
import type { ServerReply, ServerSession } from '../../../src/rocketride/serverSession.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import type { Frame } from '../../support/rocketRideServer/frame.ts';
import { ServerWorld } from '../../support/serverWorld.ts';

type Args = Readonly<Record<string, unknown>>;

/** A session that answers as it is told. */
function sessionOf(answer: (args: Args) => Partial<ServerReply>): ServerSession {
  return {
    account: serverAccount.parse({ userToken: '', userId: '' }),
    isOpen: true,
    request: async (_command, args) => ({ body: {}, data: undefined, ...answer(args) }),
    onDidReceive: () => ({ dispose: () => {} }),
    onDidClose: () => ({ dispose: () => {} }),
  };
}

const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString();
const strange = fc.oneof(
  fc.constantFrom(-1, 0.5, 1e308, -1e308, 10e12, 2 ** 53, null, undefined, '', '7', true),
  fc.constantFrom('file', 'dir', 'both', '__proto__', '../x', 'a/b', '\0', '.', '..', 'x'.repeat(300)),
  fc.anything({ maxDepth: 2 }),
);

suite('what a server says of files', () => {
  const data = bytes('0123456789');
  /** Reads a file of ten bytes from a server that answers like this. */
  const read = (open: Args, reply: (args: Args) => Uint8Array | undefined) =>
    readBytes(
      sessionOf(({ subcommand, ...args }) =>
        subcommand === 'fs_open' ? { body: { handle: 'h', ...open } } : { data: reply(args) },
      ),
      'x',
    );

  test('a file that is said to have no size, or one that no file has, is not read as an empty one', async () => {
    for (const size of [undefined, -1, 0.5, '10', null, Number.NaN, 1e308, 10e12]) {
      const error = await chatErrorOf(() => read({ size }, () => data));
      assert.equal(error.code, 'server-error', `${size}`);
    }
  });

  test('more bytes than were asked for are not taken for the file', async () => {
    assert.equal((await chatErrorOf(() => read({ size: 9 }, () => data))).code, 'server-error');
    assert.equal(text(await read({ size: 10 }, () => data)), '0123456789');
  });

  test('a write that the server took less of is no success', async () => {
    for (const bytesWritten of [9, 11, -1, '10', null]) {
      const session = sessionOf(({ subcommand }) => ({
        body: subcommand === 'fs_open' ? { handle: 'h' } : { bytesWritten },
      }));
      const handle = await openForWriting(session, 'x');
      assert.equal((await chatErrorOf(() => writeTo(handle, data))).code, 'server-error', `${bytesWritten}`);
    }
  });

  test('a file without a size is no empty one; times that no clock shows are refused', async () => {
    const of = (body: Args) => sessionOf(() => ({ body }));
    for (const about of [{}, { size: -1 }, { size: 1, modified: 1e308 }, { size: 1, modified: -1 }, { size: '1' }]) {
      const error = await chatErrorOf(() => statOf(of({ exists: true, type: 'file', ...about }), 'x'));
      assert.equal(error.code, 'server-error', JSON.stringify(about));
    }
    // So a server lists a file that goes away while it does.
    assert.deepEqual(await entriesOf(of({ entries: [{ name: 'a', type: 'file' }] }), ''), [
      { name: 'a', kind: 'file', size: undefined, modified: 0 },
    ]);
  });

  test('names that lead elsewhere, or nowhere, are left out, and each name is there once', async () => {
    const names = [
      '../x',
      'a/b',
      'a\\b',
      '',
      '.',
      '..',
      '\0',
      'a\nb',
      'c:d',
      '__proto__',
      'fine',
      'fine',
      'constructor',
    ];
    const entries = names.map((name) => ({ name, type: 'file', size: 1 }));
    const found = await entriesOf(
      sessionOf(() => ({ body: { entries } })),
      '',
    );
    assert.deepEqual(
      found.map(({ name }) => name),
      ['__proto__', 'fine', 'constructor'],
    );
  });

  test('whatever it answers, the outcome is a sound value or a ChatError', async () => {
    const body = fc.record({
      ...{ handle: strange, size: strange, exists: strange, type: strange, modified: strange, bytesWritten: strange },
      entries: fc.oneof(
        strange,
        fc.array(fc.record({ name: strange, type: strange, size: strange, modified: strange }), { maxLength: 3 }),
      ),
    });
    const likely = fc.tuple(body, fc.record({ exists: fc.boolean(), handle: fc.string(), size: fc.nat(20) }));
    const answers = fc.oneof(
      body,
      likely.map((both) => Object.assign({}, ...both)),
    );
    await fc.assert(
      fc.asyncProperty(answers, fc.option(fc.uint8Array({ maxLength: 30 })), async (body, data) => {
        let requests = 0;
        const session = sessionOf(() => {
          requests += 1;
          return { body, data: data ?? undefined };
        });
        for (const work of [
          async () => {
            const stat = await statOf(session, 'x');
            assert.ok(!stat || (Number.isSafeInteger(stat.size) && stat.size >= 0));
            assert.ok(!stat || !Number.isNaN(new Date(stat.modified).getTime()));
          },
          async () => {
            for (const { name, size = 0 } of await entriesOf(session, 'x')) {
              assert.ok(name !== '' && !/[/\\\0]|^\.\.?$/.test(name) && Number.isSafeInteger(size) && size >= 0);
            }
          },
          async () => {
            const read = await readBytes(session, 'x');
            assert.ok(read && read.length <= 20);
          },
          async () => writeTo(await openForWriting(session, 'x'), Buffer.alloc(5)),
        ]) {
          await work().catch((error: unknown) => {
            if (!(error instanceof ChatError)) throw error;
          });
        }
        assert.ok(requests < 100);
      }),
      { numRuns: 500 },
    );
  });
});

suite('a server that lies about files', function () {
  this.timeout(30_000);
  const CHAT = '11111111-1111-4111-8111-111111111111';
  let world: ServerWorld;
  let files: FileStore;
  const path = (...names: string[]) => join(world.server.folder, 'users', 'local', 'files', ...names);
  const tell = (matches: (frame: Frame) => boolean, fields: object) => {
    world.server.traps.replacesFrame = (frame) =>
      frame.from === 'server' && matches(frame) ? JSON.stringify({ ...frame.message, ...fields }) : undefined;
  };
  /** A record beside the files, as anybody can put it there who may write to the account. */
  const forge = async (about: object, content = 'forged\n', name = 'forged') => {
    await mkdir(path('.chats', '.aside'), { recursive: true });
    const record = { id: 'x', for: 'file', kind: 'whole', order: 1, at: 1, bytes: bytes(content), ...about } as const;
    await writeFile(path('.chats', '.aside', name), await encodeAside(record, 0));
  };

  setup(async () => {
    world = await ServerWorld.start();
    files = world.files();
    await files.write('file', bytes('one\ntwo\n'));
    await files.write(`${CHAT}/chat.jsonl`, bytes('precious\n'));
  });
  teardown(async () => {
    world.server.traps.replacesFrame = undefined;
    await world.close();
  });
  const isOf = (subcommand: string, place: string) => (frame: Frame) =>
    frame.subcommand === subcommand && frame.args.path === place;

  test('a file that is shorter than it is said to be is not read, and nothing is put behind it', async () => {
    files = world.files();
    tell(isOf('fs_stat', '.chats/file'), { body: { exists: true, type: 'file', size: 10e12, modified: 1 } });
    assert.equal((await chatErrorOf(() => files.read('file'))).code, 'contended');
    assert.equal((await chatErrorOf(() => files.append('file', bytes('three\n')))).code, 'contended');
    world.server.traps.replacesFrame = undefined;
    assert.equal(text(await files.read('file')), 'one\ntwo\n');
  });

  test('a read without its bytes is not an empty file', async () => {
    files = world.files();
    tell(({ subcommand }) => subcommand === 'fs_read', { body: { size: 0 } });
    assert.equal((await chatErrorOf(() => files.append('file', bytes('three\n')))).code, 'contended');
    world.server.traps.replacesFrame = undefined;
    assert.equal(text(await files.read('file')), 'one\ntwo\n');
  });

  test('a forged name in the list of what is kept beside leads nowhere', async () => {
    const entries = ['../../outside', '..', 'a/../../../outside'].map((name) => ({ name, type: 'file', size: 5 }));
    tell(isOf('fs_list_dir', '.chats/.aside'), { body: { entries, count: entries.length } });
    assert.equal(text(await world.files().read('file')), 'one\ntwo\n');
    const asked = world.server.requests.flatMap(({ args }) => (typeof args.path === 'string' ? [args.path] : []));
    assert.deepEqual(
      asked.filter((path) => !path.startsWith('.chats') || path.includes('..')),
      [],
    );
  });

  test('a forged record can not have another file emptied in the name of its lock', async () => {
    const locks = [`${CHAT}/chat.jsonl`, 'f0', '../outside', '.locks/../f1', '.aside/r5', '.locks/honest'];
    for (const [at, lock] of locks.entries()) {
      await writeFile(path('.chats', `f${at}`), 'one\n');
      await forge({ lock, for: `f${at}` }, 'one\nforged\n', `r${at}`);
    }
    const honest = new Promise<void>((resolve) => {
      world.server.onRequest = ({ args }) => {
        if (args.mode === 'w' && args.path === '.chats/.locks/honest') resolve();
      };
    });
    const reader = world.files();
    for (const at of locks.keys()) assert.equal(text(await reader.read(`f${at}`)), 'one\nforged\n');
    // It was found last, and is brought in order last.
    await honest;
    assert.equal(await readFile(path('.chats', CHAT, 'chat.jsonl'), 'utf8'), 'precious\n');
    assert.equal(await readFile(path('.chats', 'f0'), 'utf8'), 'one\n');
    const opened = world.server.requests.filter(({ args }) => args.mode === 'w').map(({ args }) => args.path);
    assert.deepEqual(
      opened.filter((path) => typeof path === 'string' && /outside|f1|r5/.test(path)),
      [],
    );
  });

  test('a forged record for a place outside is for no file, and nothing is read or written there', async () => {
    for (const target of ['../outside', '../../x', '/etc/passwd', '', '__proto__', `${CHAT}/../file`]) {
      await forge({ for: target, lock: target });
      const reader = world.files();
      assert.equal(text(await reader.read('file')), 'one\ntwo\n');
      assert.equal(text(await reader.read(`${CHAT}/chat.jsonl`)), 'precious\n');
    }
    const asked = world.server.requests.flatMap(({ args }) => (typeof args.path === 'string' ? [args.path] : []));
    assert.deepEqual(
      asked.filter((path) => !path.startsWith('.chats') || path.includes('..')),
      [],
    );
  });

  test('a forged number does not outlive what is written after it', async () => {
    for (const order of [1e308, 2 ** 53, -5, 0.5]) {
      await forge({ order }, 'one\ntwo\nforged\n', 'zzz');
      const writer = world.files();
      await writer.append('file', bytes('three\n'));
      assert.equal(text(await world.files().read('file')), 'one\ntwo\nthree\n', `${order}`);
      await writer.write('file', bytes('one\ntwo\n'));
    }
  });
});
