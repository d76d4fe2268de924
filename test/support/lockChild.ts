import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../../src/files/fileStore.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';

/**
 * A process of its own that works under a lock: `count N` raises the number in the file `counter` N times
 * (`count N last` removes the lock file each time); `hold` takes the lock, says so and keeps it until it is killed.
 */
const [root = '', work, rounds, last] = process.argv.slice(2);
const files = new LocalFileStore(root);

if (work === 'count') {
  for (let round = 0; round < Number(rounds); round += 1) {
    const raise = async (lease: Lease) => {
      const value = Number(Buffer.from(await files.read('counter')).toString());
      await files.write('counter', Buffer.from(String(value + 1)), lease);
    };
    await files.exclusive('lock', raise, { isLast: last === 'last' });
  }
} else {
  await files.exclusive('lock', async () => {
    console.log('held');
    await sleep(60_000);
  });
}
