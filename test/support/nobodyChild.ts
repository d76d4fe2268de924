import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { ChatError } from '../../src/protocol/chatError.ts';
import { storeChanges } from './storeChanges.ts';

/** A process without the rights of root, to whom no permission applies: tries every change, prints what came of each. */
const NOBODY = 65_534;
const files = new LocalFileStore(process.argv[2] ?? '');
if (process.getuid?.() === 0) {
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
const looks: typeof storeChanges = {
  'read what may be read': () => files.read('chat/log'),
  'list what may be listed': () => files.list('chat'),
  'read what may not': () => files.read('closed/log'),
  'stat what may not': () => files.stat('closed/log'),
  'list what may not': () => files.list('closed'),
};
for (const [name, operation] of Object.entries({ ...looks, ...storeChanges })) {
  const said = await operation(files).then(
    () => 'done',
    (error) => `${ChatError.from(error).code} ${ChatError.from(error).message}`,
  );
  console.log(`${name}: ${said}`);
}
