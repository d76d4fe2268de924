import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { ChatError } from '../../src/protocol/chatError.ts';

/** A process whose files may not grow for ever: appends lines of 100 bytes to `log` until one is refused. */
const files = new LocalFileStore(process.argv[2] ?? '');
// Without a listener the signal of the limit would end the process.
process.on('SIGXFSZ', () => {});
let saved = 0;
try {
  for (; ; saved += 1) await files.append('log', Buffer.from(`${'x'.repeat(99)}\n`));
} catch (error) {
  console.log(JSON.stringify({ saved, ...ChatError.from(error).toShape() }));
}
process.exit();
