import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { setup, suite, teardown, test } from 'mocha';
import { Writer } from '../../../src/chats/writer.ts';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';

const CHILD = fileURLToPath(new URL('../../support/writerChild.ts', import.meta.url));
const writers: Writer[] = [];
let root: string;

/** A writer with a view of the disk of its own, as every window has. */
function writer(): Writer {
  const made = new Writer(new LocalFileStore(root), randomUUID());
  writers.push(made);
  return made;
}

setup(async () => {
  root = await mkdtemp(join(tmpdir(), 'writers-'));
});

teardown(async () => {
  for (const each of writers.splice(0)) each.dispose();
  await rm(root, { recursive: true, force: true });
});

suite('Writer', () => {
  test('is alive to others while it holds, and leaves no file', async () => {
    const one = writer();
    const two = writer();
    await one.hold();
    assert.equal(await two.isAlive(one.id), true);
    one.dispose();
    while (await two.isAlive(one.id));
    assert.deepEqual(await readdir(join(root, '.locks')), []);
  });

  test('holds again after somebody removed the folder', async () => {
    const one = writer();
    await one.hold();
    await rm(join(root, '.locks'), { recursive: true });
    await one.hold();
    assert.equal(await writer().isAlive(one.id), true);
  });

  test('clears away what windows that were killed have left, and nothing of those that live', async () => {
    const [one, two] = [writer(), writer()];
    await one.hold();
    await writeFile(join(root, '.locks', `writer-${randomUUID()}`), '');
    await two.hold();
    const left = await readdir(join(root, '.locks'));
    assert.deepEqual(left.toSorted(), [`writer-${one.id}`, `writer-${two.id}`].toSorted());
  });

  test('two windows that look at once do not take each other for the writer that is gone', async () => {
    const gone = randomUUID();
    const [one, two] = [writer(), writer()];
    for (let round = 0; round < 20; round += 1) {
      await one.hold();
      await writeFile(join(root, '.locks', `writer-${gone}`), '');
      assert.deepEqual(await Promise.all([one.isAlive(gone), two.isAlive(gone)]), [false, false]);
    }
  });

  test('windows that open and close while others clear up keep their locks', async () => {
    const windows = [1, 2, 3].map(async () => {
      const child = spawn(process.execPath, [CHILD, root, '60'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [lostCount] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      return lostCount.trim();
    });
    assert.deepEqual(await Promise.all(windows), ['0', '0', '0']);
  });
});
