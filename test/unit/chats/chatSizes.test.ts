import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { chatSizes, trashSize } from '../../../src/chats/chatSizes.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';

const ID = '11111111-1111-4111-8111-111111111111';

suite('sizes of chats', () => {
  test('all that lies in a chat counts, in whatever folder; a chat that is gone counts nothing', async () => {
    const files = new MemoryFileStore();
    await files.write(`${ID}/chat.jsonl`, new Uint8Array(100));
    await files.write(`${ID}/meta.jsonl`, new Uint8Array(20));
    await files.write(`${ID}/blobs/deep/one`, new Uint8Array(3));
    await files.write('catalog.json', new Uint8Array(1000));
    const gone = '22222222-2222-4222-8222-222222222222';
    assert.deepEqual(
      [...(await chatSizes(files, [ID, gone]))],
      [
        [ID, 123],
        [gone, 0],
      ],
    );
  });

  test('the trash is told apart', async () => {
    const files = new MemoryFileStore();
    assert.equal(await trashSize(files), 0);
    await files.write(`.trash/${ID}/chat.jsonl`, new Uint8Array(7));
    await files.write(`.trash/${ID}~2/chat.jsonl`, new Uint8Array(8));
    assert.equal(await trashSize(files), 15);
  });
});
