import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { readPage } from './readTranscript.ts';
import type { AskRecord, EndRecord } from './transcriptRecord.ts';

/** A connection that is lost again and again is given up after so long. */
const GIVE_UP_MS = 10_000;
/** Among so many last turns a record is looked for that may have been saved. */
const LOOKED_TURNS = 20;

/**
 * Does what may be done twice, and again when the connection to a server was lost in the middle: each operation of the
 * files waits for the next one. @throws ChatError `server-offline` when there is none for too long.
 */
export async function whenConnected<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (ChatError.from(error).code !== 'server-offline' || performance.now() > until) throw error;
    }
  }
}

/**
 * Saves a record once. When the connection is lost in the middle nobody knows whether the record is there, so it is looked
 * for before it is saved again.
 */
export async function savedOnce(
  files: FileStore,
  path: string,
  record: AskRecord | EndRecord | undefined,
  save: () => Promise<unknown>,
): Promise<void> {
  let isAgain = false;
  await whenConnected(async () => {
    if (isAgain && record && (await isThere(files, path, record))) return;
    isAgain = true;
    await save();
  });
}

async function isThere(files: FileStore, path: string, { id, type }: AskRecord | EndRecord): Promise<boolean> {
  const found = await files.stat(path);
  if (!found) return false;
  const { records } = await readPage(files, path, { end: found.size, turnCount: LOOKED_TURNS });
  return records.some(({ record }) => record.type === type && record.id === id);
}
