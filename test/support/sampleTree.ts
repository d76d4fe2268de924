import { readFile } from 'node:fs/promises';
import { ChatError } from '../../src/protocol/chatError.ts';
import { TestWindow, until } from './chatFixture.ts';
import { MemoryFileStore } from './memoryFileStore.ts';

/** Ids of the sample's chats: one of ours with every kind of record, one of the TypeScript SDK, one of the Python SDK. */
export const SAMPLE_CHATS = {
  ours: '0b6e3f1c-52f4-4d8e-9a35-1f0f6f4e8a01',
  typescript: '84578103-ade5-4eeb-a76f-c6361f47de20',
  python: '6cf4d73a-07ab-415b-bab6-ac8fc02a1a5a',
} as const;

export type SampleFiles = ReadonlyMap<string, Uint8Array>;

/** The files of three chats with text of many scripts: every record type, unknown types and keys, titles, a catalog. */
export async function sampleTree(): Promise<SampleFiles> {
  const files = new MemoryFileStore();
  for (const sdk of ['typescript', 'python'] as const) {
    const path = `${SAMPLE_CHATS[sdk]}/chat.jsonl`;
    await files.write(path, await readFile(new URL(`../fixtures/${sdk}/.chats/${path}`, import.meta.url)));
  }
  const window = new TestWindow(files);
  await talk(window);
  await files.append(
    `${SAMPLE_CHATS.ours}/chat.jsonl`,
    Buffer.from('{"type":"later","schema_version":1,"note":"ключ"}\n'),
  );
  await window.store.list();
  await window.store.update(SAMPLE_CHATS.ours, { title: 'Grüße, 世界' });
  await window.store.update(SAMPLE_CHATS.ours, { title: 'Grüße, 世界 🙂' });
  await window.store.update(SAMPLE_CHATS.python, { title: 'Η Python' });
  window.close();
  // Locks are of this moment, and a tree has none.
  return new Map([...files.files].filter(([path]) => !path.startsWith('.locks')));
}

/** Files of a sample, with others in the place of some. */
export function filesOf(sample: SampleFiles, others: Readonly<Record<string, Uint8Array>> = {}): MemoryFileStore {
  const files = new MemoryFileStore();
  for (const [path, bytes] of [...sample, ...Object.entries(others)]) files.files.set(path, bytes);
  return files;
}

async function talk(window: TestWindow): Promise<void> {
  const chat = window.open(SAMPLE_CHATS.ours);
  const ended = () => until(chat, () => !chat.isRunning);
  const send = async (text: string) => {
    const id = await chat.send(text, window.context({ historyMessages: 2 }));
    return { id, asked: await window.engine.next() };
  };
  const first = await send('Was heißt 世界? 🙂');
  first.asked.answer('„Welt“ — мир\u2028κόσμος');
  await ended();
  const failed = await send('Schlägt fehl');
  failed.asked.fail(new ChatError('unreachable', 'Nothing answers at the model.'));
  await ended();
  await chat.resolve(failed.id, 'retry', async () => window.context({ historyMessages: 2 }));
  (await window.engine.next()).answer('Doch nicht');
  await ended();
  const stopped = await send('Stop');
  stopped.asked.chunk('Bis hier');
  chat.stop();
  await ended();
  const unwanted = await send('Weg damit');
  unwanted.asked.fail(new ChatError('model-error', 'No.'));
  await ended();
  await chat.resolve(unwanted.id, 'discard', async () => window.context());
  await send('Ohne Antwort');
}
