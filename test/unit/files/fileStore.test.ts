import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, teardown, test } from 'mocha';
import type { FileStore } from '../../../src/files/fileStore.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';
import { ServerWorld } from '../../support/serverWorld.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array) => Buffer.from(data).toString();
const folders: string[] = [];
const worlds: ServerWorld[] = [];

async function localStore(): Promise<LocalFileStore> {
  const folder = await mkdtemp(join(tmpdir(), 'file-store-'));
  folders.push(folder);
  return new LocalFileStore(join(folder, 'root'));
}

const implementations: Record<string, () => Promise<FileStore>> = {
  local: localStore,
  memory: async () => new MemoryFileStore(),
  remote: async () => (await startWorld()).files(),
};

async function startWorld(): Promise<ServerWorld> {
  const world = await ServerWorld.start();
  worlds.push(world);
  return world;
}

teardown(async () => {
  for (const world of worlds.splice(0)) await world.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

for (const [name, make] of Object.entries(implementations)) {
  suite(`FileStore contract: ${name}`, () => {
    test('what is not there: stat is undefined, list is empty, read says not-found', async () => {
      const files = await make();
      assert.equal(await files.stat('a/b'), undefined);
      assert.deepEqual(await files.list('a'), []);
      await assert.rejects(files.read('a/b'), { code: 'not-found' });
    });

    test('write makes folders and replaces the file whole', async () => {
      const files = await make();
      await files.write('a/b.json', bytes('first, and longer'));
      await files.write('a/b.json', bytes('second'));
      assert.equal(text(await files.read('a/b.json')), 'second');
      assert.deepEqual(await files.list('a'), [{ name: 'b.json', kind: 'file' }]);
      assert.equal((await files.stat('a/b.json'))?.size, 6);
      assert.equal((await files.stat('a'))?.kind, 'directory');
    });

    test('write takes data in pieces, and pieces that break off leave the old file alone', async () => {
      const files = await make();
      const pieces = async function* (isWhole: boolean) {
        yield bytes('first, ');
        yield bytes('');
        if (!isWhole) throw new ChatError('storage', 'The source is gone.');
        yield bytes('second');
      };
      await files.write('a', pieces(true));
      assert.equal(text(await files.read('a')), 'first, second');
      await assert.rejects(files.write('a', pieces(false)), { code: 'storage' });
      assert.equal(text(await files.read('a')), 'first, second');
      assert.deepEqual(await files.list(''), [{ name: 'a', kind: 'file' }]);
    });

    test('write with a lost lease writes nothing', async () => {
      const files = await make();
      await files.write('a', bytes('old'));
      const lost = {
        assertHeld: () => {
          throw new Error('lost');
        },
      };
      await assert.rejects(files.write('a', bytes('new'), lost));
      await assert.rejects(files.append('a', bytes('new\n'), lost));
      assert.equal(text(await files.read('a')), 'old');
    });

    test('read takes a range and clips it', async () => {
      const files = await make();
      await files.write('a', bytes('0123456789'));
      assert.equal(text(await files.read('a', { start: 3, end: 5 })), '34');
      assert.equal(text(await files.read('a', { start: 8, end: 99 })), '89');
      assert.equal(text(await files.read('a', { start: 50, end: 99 })), '');
    });

    test('append keeps call order and never makes a file', async () => {
      const files = await make();
      await assert.rejects(files.append('a', bytes('1\n')), { code: 'not-found' });
      await files.create('a', bytes(''));
      await Promise.all([1, 2, 3, 4, 5].map((n) => files.append('a', bytes(`${n}\n`))));
      assert.equal(text(await files.read('a')), '1\n2\n3\n4\n5\n');
    });

    test('append closes a torn tail first', async () => {
      const files = await make();
      await files.write('a', bytes('whole\ntorn'));
      await files.append('a', bytes('next\n'));
      assert.equal(text(await files.read('a')), 'whole\ntorn\nnext\n');
      await files.write('a', bytes('torn'));
      assert.equal(await files.append('a', bytes('')), 5);
      assert.equal(await files.append('a', bytes('')), 5, 'nothing to close any more');
      assert.equal(text(await files.read('a')), 'torn\n');
    });

    test('append tells the size of the file, a closed tail counted', async () => {
      const files = await make();
      await files.write('a', bytes('whole\ntorn'));
      assert.equal(await files.append('a', bytes('é\n')), 14);
      assert.equal(await files.append('a', bytes('next\n')), 19);
      assert.equal((await files.stat('a'))?.size, 19);
    });

    test('a file that takes the place of another has another identity; one that grew has its own still', async () => {
      const files = await make();
      const identity = async () => (await files.stat('a'))?.identity;
      await files.create('a', bytes('1\n'));
      const created = await identity();
      await files.append('a', bytes('2\n'));
      assert.equal(await identity(), created);
      await files.write('a', bytes('1\n2\n'));
      const written = await identity();
      await files.write('b', bytes('1\n2\n'));
      await files.remove('a');
      await files.move('b', 'a');
      const moved = await identity();
      assert.equal(new Set([created, written, moved]).size, 3);
      assert.ok(created);
    });

    test('create wins once', async () => {
      const files = await make();
      const results = await Promise.all([files.create('a/b', bytes('1')), files.create('a/b', bytes('2'))]);
      assert.deepEqual(results.toSorted(), [false, true]);
    });

    test('remove takes a folder with all in it and does not mind what is gone', async () => {
      const files = await make();
      await files.write('a/b/c', bytes('1'));
      await files.remove('a');
      await files.remove('a');
      assert.equal(await files.stat('a/b/c'), undefined);
    });

    test('move renames a folder', async () => {
      const files = await make();
      await files.write('a/b', bytes('1'));
      await files.move('a', 'x/y');
      assert.equal(text(await files.read('x/y/b')), '1');
      assert.equal(await files.stat('a'), undefined);
      await assert.rejects(files.move('a', 'z'), { code: 'not-found' });
    });

    test('move takes no place that is taken', async () => {
      const files = await make();
      await files.write('a', bytes('1'));
      await files.write('b', bytes('2'));
      await assert.rejects(files.move('a', 'b'), { code: 'storage' });
      assert.deepEqual([text(await files.read('a')), text(await files.read('b'))], ['1', '2']);
    });

    test('paths that could leave the store are refused', async () => {
      const files = await make();
      for (const path of ['../a', 'a/../../b', '/etc/passwd', 'a//b', 'a\\b', './a', 'C:/a']) {
        await assert.rejects(async () => files.read(path), { code: 'invalid' }, path);
        await assert.rejects(async () => files.write(path, bytes('')), { code: 'invalid' }, path);
      }
    });

    test('exclusive runs one work at a time, also after one that failed', async () => {
      const files = await make();
      let running = 0;
      let most = 0;
      const work = async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      };
      const fails = files.exclusive('lock', async () => {
        throw new Error('work failed');
      });
      await assert.rejects(fails, /work failed/);
      await Promise.all(Array.from({ length: 10 }, () => files.exclusive('lock', work)));
      assert.equal(most, 1);
    });

    test('exclusive that may not wait says contended while another holds the path', async () => {
      const files = await make();
      let letGo = () => {};
      const held = files.exclusive('lock', () => new Promise<void>((resolve) => (letGo = resolve)));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await assert.rejects(
        files.exclusive('lock', async () => undefined, { waitMs: 0 }),
        { code: 'contended' },
      );
      letGo();
      await held;
      await files.exclusive('lock', async () => undefined, { waitMs: 0 });
    });

    test('watch tells of a change in the folder', async () => {
      const files = await make();
      await files.write('a/b', bytes('1'));
      let watching = { dispose: () => {} };
      const changed = new Promise<void>((resolve) => (watching = files.watch('a', resolve)));
      await files.write('a/b', bytes('2'));
      await changed;
      watching.dispose();
    });
  });
}

suite('LocalFileStore', () => {
  test('leaves no temporary files behind', async () => {
    const files = await localStore();
    await files.write('a', bytes('1'));
    await assert.rejects(files.write('a/b', bytes('2')), { code: 'storage' });
    assert.deepEqual(await readdir(files.location), ['a']);
  });

  test('a refused disk says which file and why', async () => {
    const files = await localStore();
    await files.write('a/b', bytes('1'));
    await assert.rejects(files.write('a', bytes('2')), (error: Error) =>
      /a folder is in its place/.test(error.message),
    );
  });

  test('watch waits for a folder that is not there yet', async () => {
    const files = await localStore();
    let watching = { dispose: () => {} };
    const changed = new Promise<void>((resolve) => (watching = files.watch('', resolve)));
    await files.write('a', bytes('1'));
    await changed;
    watching.dispose();
  });

  test('two stores over one folder exclude each other', async () => {
    const one = await localStore();
    const two = new LocalFileStore(one.location);
    await one.write('counter', bytes('0'));
    const count = (files: LocalFileStore) =>
      files.exclusive('lock', async (lease) => {
        const value = Number(text(await files.read('counter')));
        await files.write('counter', bytes(String(value + 1)), lease);
      });
    await Promise.all(Array.from({ length: 40 }, (_, index) => count(index % 2 ? one : two)));
    assert.equal(await readFile(join(one.location, 'counter'), 'utf8'), '40');
  });

  test('a file with bytes in it is no lock, because SQLite would do what they say', async () => {
    const files = await localStore();
    await files.write('lock', bytes('1'));
    const error = await chatErrorOf(() => files.exclusive('lock', async () => undefined));
    assert.equal(error.code, 'storage');
    assert.match(error.message, /no lock file/);
    assert.equal(text(await files.read('lock')), '1');
  });

  test('who holds a lock whose file was removed has no right any more, and the next one has it', async () => {
    const one = await localStore();
    const two = new LocalFileStore(one.location);
    await one.write('value', bytes('old'));
    await one.exclusive('locks/lock', async (lost) => {
      await one.write('value', bytes('mine'), lost);
      await rm(join(one.location, 'locks'), { recursive: true });
      const isContended = { code: 'contended' };
      await assert.rejects(one.write('value', bytes('lost'), lost), isContended);
      await two.exclusive('locks/lock', async (lease) => {
        await assert.rejects(one.write('value', bytes('lost'), lost), isContended);
        await two.write('value', bytes('theirs'), lease);
      });
    });
    assert.equal(text(await one.read('value')), 'theirs');
    assert.deepEqual(await readdir(join(one.location, 'locks')), ['lock'], 'ending the lost one removes nothing');
  });

  test('the last work for a path takes its lock file along', async () => {
    const files = await localStore();
    const seen = await files.exclusive('locks/lock', () => readdir(join(files.location, 'locks')), { isLast: true });
    assert.deepEqual(seen, ['lock']);
    assert.deepEqual(await readdir(join(files.location, 'locks')), []);
  });

  test('a file that was not there is not taken for made when a file is in the place of its folder', async () => {
    const files = await localStore();
    await files.write('a', bytes('1'));
    await assert.rejects(files.create('a/b', bytes('2')), { code: 'storage' });
  });
});
