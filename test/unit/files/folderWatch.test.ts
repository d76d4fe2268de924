import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { FolderWatch } from '../../../src/files/folderWatch.ts';

suite('a watch over folders where nobody tells of changes', () => {
  let now = 'before';
  let looked: string[] = [];
  let waiting: (() => void)[] = [];
  const look = async (folder: string) => {
    looked.push(folder);
    for (const one of waiting.splice(0)) one();
    return now;
  };
  /** Resolves when a folder was looked at so many times from now. */
  const looks = async (count: number) => {
    for (let at = 0; at < count; at += 1) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const start = () => {
    now = 'before';
    looked = [];
    waiting = [];
    return new FolderWatch({ pollMs: 10, isWatched: () => true, look });
  };

  test('what this window changed is told once, and not again by the next look', async () => {
    const watch = start();
    let told = 0;
    watch.add('a', () => (told += 1));
    await looks(2);
    const before = told;
    now = 'after';
    await new Promise<void>((resolve) => {
      watch.add('a', resolve);
      for (let at = 0; at < 3; at += 1) watch.changed('a');
    });
    await looks(3);
    assert.equal(told, before + 1);
    watch.dispose();
  });

  test('a folder that nobody listens to any more is not looked at', async () => {
    const watch = start();
    const first = watch.add('a', () => {});
    const second = watch.add('a', () => {});
    watch.add('b', () => {});
    await looks(1);
    first.dispose();
    await looks(4);
    assert.ok(looked.slice(-3).includes('a'));
    second.dispose();
    await looks(1);
    looked = [];
    await looks(3);
    assert.deepEqual([...new Set(looked)], ['b']);
    watch.dispose();
  });
});
