import type { FileStore } from '../../src/files/fileStore.ts';

const LINE = Buffer.from('new\n');

/** Every way to change a store that holds `chat/log` and the lock `locks/lock`. */
export const storeChanges: Readonly<Record<string, (files: FileStore) => Promise<unknown>>> = {
  write: (files) => files.write('chat/log', LINE),
  'write in a new folder': (files) => files.write('a/b/new', LINE),
  append: (files) => files.append('chat/log', LINE),
  create: (files) => files.create('chat/new', LINE),
  'create in a new folder': (files) => files.create('a/b/new', LINE),
  remove: (files) => files.remove('chat'),
  move: (files) => files.move('chat', 'away'),
  'move to a new folder': (files) => files.move('chat', 'a/b/away'),
  exclusive: (files) => files.exclusive('locks/lock', async () => undefined),
  'exclusive for the first time': (files) => files.exclusive('locks/new', async () => undefined),
  'exclusive in a new folder': (files) => files.exclusive('a/b/new', async () => undefined),
};
