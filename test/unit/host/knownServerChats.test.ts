import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { KnownServerChats } from '../../../src/host/knownServerChats.ts';

class Memory {
  readonly #values = new Map<string, string>();
  writeCount = 0;

  get<T>(key: string, fallback: T): T {
    const text = this.#values.get(key);
    return text === undefined ? fallback : JSON.parse(text);
  }

  async update(key: string, value: unknown): Promise<void> {
    this.writeCount += 1;
    this.#values.set(key, JSON.stringify(value));
  }
}

const [A, B] = ['http://a:5565', 'http://b:5565'];

suite('KnownServerChats', () => {
  test('tells in another window how many chats of a pipeline are on servers that are not asked now', async () => {
    const memory = new Memory();
    const known = new KnownServerChats(memory);
    await known.set(A, [{ pipeline_id: 'one' }, { pipeline_id: 'two' }, { pipeline_id: 'one' }]);
    await known.set(B, [{ pipeline_id: 'one' }]);
    const later = new KnownServerChats(memory);
    assert.deepEqual(later.withChatsOf('one', B), [{ url: A, count: 2 }]);
    assert.deepEqual(later.withChatsOf('one', undefined), [
      { url: A, count: 2 },
      { url: B, count: 1 },
    ]);
    assert.deepEqual(later.withChatsOf('three', undefined), []);
  });

  test('a pipeline may have any id that a server lists', async () => {
    const known = new KnownServerChats(new Memory());
    const ids = ['__proto__', 'constructor', 'toString', 'constructor'];
    await known.set(
      A,
      ids.map((pipeline_id) => ({ pipeline_id })),
    );
    assert.deepEqual(known.withChatsOf('constructor', undefined), [{ url: A, count: 2 }]);
    assert.deepEqual(known.withChatsOf('__proto__', undefined), [{ url: A, count: 1 }]);
    assert.deepEqual(known.withChatsOf('valueOf', undefined), []);
  });

  test('a list that says the same is not written again', async () => {
    const memory = new Memory();
    const known = new KnownServerChats(memory);
    await known.set(A, [{ pipeline_id: 'one' }]);
    await known.set(A, [{ pipeline_id: 'one' }]);
    assert.equal(memory.writeCount, 1);
    await known.set(A, []);
    assert.deepEqual(known.of(A), {});
  });
});
