import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup, suite, teardown, test } from 'mocha';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { SmallDisk } from '../../support/smallDisk.ts';
import { storeChanges } from '../../support/storeChanges.ts';

const LIMITED = fileURLToPath(new URL('../../support/limitedChild.ts', import.meta.url));
const NOBODY = fileURLToPath(new URL('../../support/nobodyChild.ts', import.meta.url));
const IS_WINDOWS = process.platform === 'win32';
const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array) => Buffer.from(data).toString();

let folder: string;
let files: LocalFileStore;
let disk: SmallDisk | undefined;

setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  files = new LocalFileStore(join(folder, 'root'));
});

teardown(async () => {
  disk?.unmount();
  disk = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function assertReadable(): Promise<void> {
  assert.equal(text(await files.read('chat/log')), 'old\n');
  assert.equal((await files.stat('chat/log'))?.size, 4);
  assert.deepEqual((await files.list('')).map(({ name }) => name).toSorted(), ['chat', 'locks']);
}

suite('LocalFileStore on a full disk', () => {
  setup(async function () {
    disk = SmallDisk.mount(folder);
    if (!disk) return this.skip();
    await files.write('log', bytes('old\n'));
  });

  test('an append that does not fit says so, keeps what was there, and the next one closes its tail', async () => {
    disk?.fill(8192);
    const error = await chatErrorOf(() => files.append('log', bytes(`${'x'.repeat(50_000)}\n`)));
    assert.equal(error.code, 'storage');
    assert.match(error.message, /disk is full/);
    assert.ok(text(await files.read('log')).startsWith('old\nx'), 'a part was taken, so there is a tail to close');
    disk?.free();
    await files.append('log', bytes('new\n'));
    assert.match(text(await files.read('log')), /^old\nx+\nnew\n$/);
  });

  test('a write that does not fit says so, and leaves the old file and nothing beside it', async () => {
    disk?.fill(8192);
    const error = await chatErrorOf(() => files.write('log', bytes('x'.repeat(50_000))));
    assert.match(error.message, /disk is full/);
    assert.equal(text(await files.read('log')), 'old\n');
    assert.deepEqual(await readdir(files.location), ['log']);
  });

  test('a file that could not be made whole is not there, so that it can be made later', async () => {
    disk?.fill(8192);
    const error = await chatErrorOf(() => files.create('chat/new', bytes('x'.repeat(50_000))));
    assert.match(error.message, /disk is full/);
    assert.deepEqual(await readdir(files.location), ['log']);
    disk?.free();
    assert.equal(await files.create('chat/new', bytes('x'.repeat(50_000))), true);
  });

  test('a lock needs no space', async () => {
    disk?.fill(0);
    assert.equal(await files.exclusive('locks/lock', async () => 'done'), 'done');
  });
});

suite('LocalFileStore where files may not grow', () => {
  test('every line that was saved is whole, and the tail of the refused one is closed later', async function () {
    if (IS_WINDOWS) {
      console.log('  Windows has no limit of this kind.');
      return this.skip();
    }
    await files.write('log', bytes(''));
    const script = 'ulimit -f 8; exec "$@"';
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', LIMITED, files.location];
    const printed = execFileSync('sh', ['-c', script, 'sh', ...node], { encoding: 'utf8' });
    const { saved, code, message } = JSON.parse(printed);
    assert.equal(code, 'storage');
    assert.match(message, /disk is full|size that is allowed/);
    await files.append('log', bytes('new\n'));
    const lines = text(await files.read('log')).split('\n');
    assert.ok(saved > 10);
    assert.ok(lines.slice(0, saved).every((line) => line === 'x'.repeat(99)));
    assert.deepEqual(lines.slice(-2), ['new', '']);
  });
});

suite('LocalFileStore on a read-only disk', () => {
  setup(async function () {
    disk = SmallDisk.mount(folder);
    if (!disk) return this.skip();
    await files.write('chat/log', bytes('old\n'));
    await files.exclusive('locks/lock', async () => undefined);
    disk.makeReadOnly();
  });

  test('everything can be read', assertReadable);

  for (const [name, change] of Object.entries(storeChanges)) {
    test(`${name} says that the disk is read-only`, async () => {
      const error = await chatErrorOf(() => change(files));
      assert.equal(error.code, 'storage');
      assert.match(error.message, /the disk is read-only/);
      await assertReadable();
    });
  }
});

suite('LocalFileStore without permission', () => {
  test('reads what may be read, says so of everything else, and takes nothing for empty', async function () {
    if (IS_WINDOWS) {
      console.log('  Windows has no permission bits.');
      return this.skip();
    }
    for (const path of ['chat/log', 'closed/log']) await files.write(path, bytes('old\n'));
    await files.exclusive('locks/lock', async () => undefined);
    const modes = { 'chat/log': 0o444, 'locks/lock': 0o444, chat: 0o555, locks: 0o555, closed: 0, '': 0o555 };
    for (const [path, mode] of Object.entries(modes)) await chmod(join(files.location, path), mode);
    await chmod(folder, 0o755);
    const said = execFileSync(process.execPath, [NOBODY, files.location], { encoding: 'utf8' }).trim().split('\n');
    for (const path of ['', 'chat', 'locks', 'closed']) await chmod(join(files.location, path), 0o755);
    assert.deepEqual(
      said.filter((line) => !/: storage .*: you don't have permission\.$/.test(line)),
      ['read what may be read: done', 'list what may be listed: done'],
    );
    assert.equal(said.length, 5 + Object.keys(storeChanges).length);
    assert.equal(text(await files.read('chat/log')), 'old\n');
  });
});

suite('LocalFileStore in a folder with an accent', () => {
  for (const form of ['NFC', 'NFD']) {
    test(`written in ${form} works`, async () => {
      const parent = join(folder, 'Café'.normalize(form));
      await mkdir(parent);
      const store = new LocalFileStore(join(parent, 'root'));
      await store.write('a/b', bytes('old\n'));
      await store.exclusive('locks/lock', (lease) => store.append('a/b', bytes('new\n'), lease));
      assert.equal(text(await store.read('a/b')), 'old\nnew\n');
      assert.deepEqual((await readdir(join(parent, 'root'))).toSorted(), ['a', 'locks']);
    });
  }
});
