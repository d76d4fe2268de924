import { setTimeout as sleep } from 'node:timers/promises';
import { LocalFileStore } from '../../src/files/localFileStore.ts';

/**
 * A process of its own that works under a lock: `count N` raises the number in the file `counter` N times;
 * `hold` takes the lock, says so and keeps it until it is killed.
 */
const [root = '', work, rounds] = process.argv.slice(2);
const files = new LocalFileStore(root);

if (work === 'count') {
  for (let round = 0; round < Number(rounds); round += 1) {
    await files.exclusive('lock', async (lease) => {
      const value = Number(Buffer.from(await files.read('counter')).toString());
      await files.write('counter', Buffer.from(String(value + 1)), lease);
    });
  }
} else {
  await files.exclusive('lock', async () => {
    console.log('held');
    await sleep(60_000);
  });
}
