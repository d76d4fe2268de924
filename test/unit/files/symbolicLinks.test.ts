import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setup, suite, teardown, test } from 'mocha';
import type { FileStore } from '../../../src/files/fileStore.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';

const LINE = Buffer.from('line\n');
const SECRET = 'what is outside\n';

let folder: string;
let outside: string;
let files: LocalFileStore;

setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'links-'));
  outside = join(folder, 'outside');
  await mkdir(join(outside, 'deep'), { recursive: true });
  await writeFile(join(outside, 'file'), SECRET);
  files = new LocalFileStore(join(folder, 'root'));
});

teardown(async () => {
  assert.deepEqual((await readdir(outside)).toSorted(), ['deep', 'file'], 'nothing is added or removed outside');
  assert.deepEqual(await readdir(join(outside, 'deep')), []);
  assert.equal(await readFile(join(outside, 'file'), 'utf8'), SECRET);
  await rm(folder, { recursive: true, force: true });
});

const operations: Record<string, (files: FileStore, path: string) => Promise<unknown>> = {
  stat: (store, path) => store.stat(path),
  read: (store, path) => store.read(path),
  write: (store, path) => store.write(path, LINE),
  append: (store, path) => store.append(path, LINE),
  create: (store, path) => store.create(path, LINE),
  list: (store, path) => store.list(path),
  remove: (store, path) => store.remove(path),
  'move from': (store, path) => store.move(path, 'new'),
  'move to': async (store, path) => {
    await store.write('old', LINE);
    await store.move('old', path);
  },
  exclusive: (store, path) => store.exclusive(path, async () => undefined),
};

suite('a symbolic link in a store', () => {
  for (const [name, operation] of Object.entries(operations)) {
    test(`${name} refuses one, and what lies behind one`, async () => {
      await mkdir(files.location);
      await symlink(outside, join(files.location, 'folder'));
      await symlink(join(outside, 'file'), join(files.location, 'file'));
      await symlink(join(outside, 'nothing'), join(files.location, 'nothing'));
      for (const path of ['folder', 'folder/file', 'folder/new', 'folder/deep/new', 'file', 'nothing']) {
        const error = await chatErrorOf(() => operation(files, path));
        assert.equal(error.code, 'storage', path);
        assert.match(error.message, /symbolic link/, path);
        assert.match(error.message, /real folders only/, path);
      }
    });

    test(`${name} refuses a root that is one`, async () => {
      await symlink(outside, files.location);
      for (const store of [files, new LocalFileStore(`${files.location}/`)]) {
        assert.match((await chatErrorOf(() => operation(store, 'file'))).message, /symbolic link/);
      }
    });
  }

  test('is a file to list, so that nobody looks for more behind it', async () => {
    await mkdir(files.location);
    await symlink(outside, join(files.location, 'folder'));
    assert.deepEqual(await files.list(''), [{ name: 'folder', kind: 'file' }]);
  });

  test('goes with the folder that holds it, and what it leads to stays', async () => {
    await mkdir(join(files.location, 'chat', 'deep'), { recursive: true });
    await symlink(outside, join(files.location, 'chat', 'folder'));
    await symlink(join(outside, 'file'), join(files.location, 'chat', 'deep', 'file'));
    await files.remove('chat');
    assert.equal(existsSync(join(files.location, 'chat')), false);
  });

  test('beside a lock is not written through', async () => {
    await files.exclusive('lock', async () => undefined);
    for (const name of ['lock-journal', 'lock-wal', 'lock-shm']) {
      await symlink(join(outside, 'file'), join(files.location, name));
    }
    await files.exclusive('lock', async () => undefined);
  });

  test('is not watched through', async () => {
    await symlink(join(outside, 'deep'), files.location);
    let isTold = false;
    const watching = files.watch('', () => (isTold = true));
    let direct = { dispose: () => {} };
    const told = new Promise<void>((resolve) => {
      direct = new LocalFileStore(join(outside, 'deep')).watch('', resolve);
    });
    await writeFile(join(outside, 'deep', 'new'), '');
    await rm(join(outside, 'deep', 'new'));
    await told;
    assert.equal(isTold, false);
    direct.dispose();
    watching.dispose();
  });

  test('above the root is how some homes are made', async () => {
    await symlink(outside, join(folder, 'home'));
    const store = new LocalFileStore(join(folder, 'home', 'deep', 'root'));
    await store.write('a/b', LINE);
    await store.exclusive('lock', async () => store.append('a/b', LINE));
    assert.deepEqual(await readFile(join(outside, 'deep', 'root', 'a', 'b'), 'utf8'), 'line\nline\n');
    await rm(join(outside, 'deep', 'root'), { recursive: true });
  });
});
