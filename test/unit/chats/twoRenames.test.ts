import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { TestWindow, until } from '../../support/chatFixture.ts';
import { HookedFileStore } from '../../support/hookedFileStore.ts';
import { MemoryFileStore } from '../../support/memoryFileStore.ts';

suite('two windows that change the same chat at the same time', () => {
  test('leave a list that says what the files say', async () => {
    const files = new MemoryFileStore();
    const other = new TestWindow(files);
    other.engine.isEchoing = true;
    const chat = other.open();
    await chat.send('One', other.context());
    await until(chat, () => !chat.isRunning);
    let hasMet = false;
    const slow = new TestWindow(
      new HookedFileStore(files, async (operation, work) => {
        // The other window comes in between the chat's own file and the list.
        if (operation.kind === 'exclusive' && operation.path.endsWith('/catalog') && !hasMet) {
          hasMet = true;
          await other.store.update(chat.chatId, { title: 'Later' });
        }
        return work();
      }),
    );
    await slow.store.update(chat.chatId, { title: 'Earlier' });
    const [listed] = await slow.store.list();
    files.files.delete('catalog.json');
    const [rebuilt] = await other.store.list();
    assert.deepEqual(listed, rebuilt);
    slow.close();
    other.close();
  });
});
