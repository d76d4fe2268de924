import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import type { Frame } from '../../support/rocketRideServer/frame.ts';
import { RawClient } from '../../support/rocketRideServer/rawClient.ts';
import { RocketRideServer } from '../../support/rocketRideServer/rocketRideServer.ts';

const LONG = 'x'.repeat(10_000);

let server: RocketRideServer;
let writer: RawClient;
let reader: RawClient;

const is = (subcommand: string) => (frame: Frame) => frame.subcommand === subcommand;

/** Opens `a.txt` for writing and writes the pieces, but does not close it. */
async function writeOpen(...pieces: readonly string[]): Promise<unknown> {
  const { handle } = await writer.store('fs_open', { path: 'a.txt', mode: 'w' });
  for (const piece of pieces) await writer.store('fs_write', { handle }, Buffer.from(piece));
  return handle;
}

/** Waits until the server has cleaned up after the writer. */
async function writerIsGone(): Promise<void> {
  const [connection] = server.connections;
  await Promise.all([writer.closed, connection?.gone]);
}

suite('the file store of the server for tests', () => {
  setup(async () => {
    server = await RocketRideServer.start();
    writer = await RawClient.logIn(server.url, server.key);
    reader = await RawClient.logIn(server.url, server.key);
    await writer.write('a.txt', 'old text');
  });

  teardown(() => server.stop());

  test('a reader sees the file empty when it is opened for writing, and torn while it is written', async () => {
    const handle = await writeOpen();
    assert.equal(await reader.read('a.txt'), '');
    await writer.store('fs_write', { handle }, Buffer.from(LONG));
    await writer.store('fs_write', { handle }, Buffer.from('the end'));
    assert.equal(await reader.read('a.txt'), LONG);
    await writer.store('fs_close', { handle, mode: 'w' });
    assert.equal(await reader.read('a.txt'), `${LONG}the end`);
  });

  test('a socket that drops commits the torn file and frees its lock', async () => {
    await writeOpen('half of ');
    await assert.rejects(reader.write('a.txt', 'mine'), { message: 'File already open for writing: a.txt' });
    const gone = writerIsGone();
    server.traps.drop = { when: 'before', from: 'client', matches: is('fs_write') };
    writer.send({ type: 'request', seq: 99, command: 'rrext_store', arguments: { subcommand: 'fs_write' } });
    await gone;
    assert.equal(await writer.closed, 1006);
    assert.equal(await reader.read('a.txt'), 'half of ');
    await reader.write('a.txt', 'mine');
    assert.equal(await reader.read('a.txt'), 'mine');
  });

  test('a server that restarts loses small writes to open files, and every lock', async () => {
    await writeOpen('not yet on the disk');
    await server.restart();
    const next = await RawClient.logIn(server.url, server.key);
    assert.equal(await next.read('a.txt'), '');
    await next.write('a.txt', 'new');
    assert.equal(await next.read('a.txt'), 'new');
  });

  test('a deauth with an open handle locks the path until the server restarts', async () => {
    await writeOpen('lost');
    await writer.body('deauth');
    const gone = writerIsGone();
    await writer.close();
    await gone;
    await assert.rejects(reader.write('a.txt', 'mine'), { message: 'File already open for writing: a.txt' });
    assert.equal(await reader.read('a.txt'), '');
    await server.restart();
    const next = await RawClient.logIn(server.url, server.key);
    await next.write('a.txt', 'mine');
  });

  test('object storage shows the old text until the close, then the new', async () => {
    server.traps.storage = 'object';
    const handle = await writeOpen(LONG);
    assert.equal(await reader.read('a.txt'), 'old text');
    await writer.store('fs_close', { handle, mode: 'w' });
    assert.equal(await reader.read('a.txt'), LONG);
  });

  test('object storage copies what is renamed, then fails, and removes nothing', async () => {
    server.traps.storage = 'object';
    const refusal = 'Expected version is required when deleting file: users/local/files/';
    await writer.write('folder/c.txt', 'c');
    await assert.rejects(writer.store('fs_rename', { old_path: 'a.txt', new_path: 'b.txt' }), {
      message: `${refusal}a.txt`,
    });
    await assert.rejects(writer.store('fs_delete', { path: 'a.txt' }), { message: `${refusal}a.txt` });
    await assert.rejects(writer.store('fs_rmdir', { path: 'folder', recursive: true }), {
      message: `rmdir partial failure (1 file(s)): users/local/files/folder/c.txt: ${refusal}folder/c.txt`,
    });
    assert.equal(await reader.read('a.txt'), 'old text');
    assert.equal(await reader.read('b.txt'), 'old text');
    const { entries } = await reader.store('fs_list_dir');
    assert.deepEqual(namesOf(entries), ['a.txt', 'b.txt', 'folder']);
  });

  test('a folder is known by the files below it, and is not removed while one is read', async () => {
    await writer.store('fs_mkdir', { path: 'folder/below' });
    assert.deepEqual(await reader.store('fs_stat', { path: 'folder' }), { exists: true, type: 'dir' });
    await writer.write('folder/c.txt', 'c');
    const { handle } = await reader.store('fs_open', { path: 'folder/c.txt' });
    await assert.rejects(writer.store('fs_rmdir', { path: 'folder', recursive: true }), {
      message: 'Cannot modify: handle open under users/local/files/folder/',
    });
    await reader.store('fs_close', { handle });
    await writer.store('fs_rmdir', { path: 'folder', recursive: true });
    assert.deepEqual(await reader.store('fs_stat', { path: 'folder' }), { exists: false });
    assert.deepEqual(await reader.store('fs_list_dir', { path: 'folder' }), { entries: [], count: 0 });
  });

  test('a connection has 64 handles', async () => {
    for (let count = 0; count < 64; count += 1) await reader.store('fs_open', { path: 'a.txt' });
    await assert.rejects(reader.store('fs_open', { path: 'a.txt' }), { message: /^Too many open handles/ });
    await writer.store('fs_open', { path: 'a.txt' });
  });

  test('of eight writers at once one succeeds', async () => {
    const open = () => writer.request('rrext_store', { subcommand: 'fs_open', path: 'b.txt', mode: 'w' });
    const answers = await Promise.all(Array.from({ length: 8 }, open));
    assert.equal(answers.filter(({ message }) => message.success).length, 1);
  });

  test('a path leads nowhere else', async () => {
    await assert.rejects(writer.write('a/../../b', ''), { message: 'Path traversal not allowed: a/../../b' });
    await assert.rejects(writer.write('a:b', ''), { message: 'Path contains invalid characters: a:b' });
    await writer.write('\\deep//./c.txt', 'c');
    assert.equal(await reader.read('deep/c.txt'), 'c');
  });
});

function namesOf(entries: unknown): unknown {
  return Array.isArray(entries) ? entries.map(({ name }) => name) : entries;
}
