import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup, suite, teardown, test } from 'mocha';
import { LocalFileStore } from '../../../src/files/localFileStore.ts';

const CHILD = fileURLToPath(new URL('../../support/lockChild.ts', import.meta.url));
const children: ChildProcess[] = [];
let files: LocalFileStore;

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [CHILD, files.location, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function startHolder(): Promise<ChildProcess> {
  const child = start('hold');
  assert.ok(child.stdout);
  await once(child.stdout, 'data');
  return child;
}

setup(async () => {
  files = new LocalFileStore(await mkdtemp(join(tmpdir(), 'processes-')));
});

teardown(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(files.location, { recursive: true, force: true });
});

suite('a lock between processes', () => {
  for (const [how, ...args] of [
    ['four processes that count under it'],
    ['the same, when each removes its file', 'last'],
  ]) {
    test(`${how} lose no step`, async () => {
      await files.write('counter', Buffer.from('0'));
      const counting = [1, 2, 3, 4].map(() => start('count', '50', ...args));
      const codes = await Promise.all(counting.map(async (child) => (await once(child, 'exit'))[0]));
      assert.deepEqual(codes, [0, 0, 0, 0]);
      assert.equal(await readFile(join(files.location, 'counter'), 'utf8'), '200');
    });
  }

  test('a killed holder gives it back', async () => {
    const holder = await startHolder();
    await assert.rejects(
      files.exclusive('lock', async () => undefined, { waitMs: 0 }),
      { code: 'contended' },
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await files.exclusive('lock', async () => undefined, { waitMs: 0 });
  });

  test('a suspended holder keeps it, and a waiting window is told', async () => {
    const holder = await startHolder();
    holder.kill('SIGSTOP');
    let hasWaited = false;
    const onWait = () => {
      hasWaited = true;
    };
    await assert.rejects(
      files.exclusive('lock', async () => undefined, { waitMs: 600, onWait }),
      { code: 'contended' },
    );
    assert.equal(hasWaited, true);
    holder.kill('SIGKILL');
    holder.kill('SIGCONT');
    await files.exclusive('lock', async () => undefined);
  });
});
