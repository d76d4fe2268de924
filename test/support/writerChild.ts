import { randomUUID } from 'node:crypto';
import { writerLock } from '../../src/chats/paths.ts';
import { Writer } from '../../src/chats/writer.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';

/** A process in which `rounds` windows open and close, one after another; prints how many of them lost their lock. */
const [root = '', rounds] = process.argv.slice(2);
const files = new LocalFileStore(root);
let lostCount = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const writer = new Writer(files, randomUUID());
  await writer.hold();
  // A moment in which the others look whether it lives.
  for (let look = 0; look < 5; look += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (await files.stat(writerLock(writer.id))) continue;
    lostCount += 1;
    break;
  }
  writer.dispose();
}
console.log(lostCount);
