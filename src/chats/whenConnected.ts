import type { ReadableFiles } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { readPage } from './readTranscript.ts';
import type { AskRecord, EndRecord } from './transcriptRecord.ts';

/** A connection that is lost again and again is given up after so long. */
const GIVE_UP_MS = 10_000;
const PAUSE_MS = 20;

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
    // Where it fails at once, others must get their turn, the connection among them.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/**
 * Saves a record once. When the connection is lost in the middle nobody knows whether the record is there, so it is looked
 * for before it is saved again.
 */
export async function savedOnce(
  files: ReadableFiles,
  path: string,
  record: AskRecord | EndRecord | undefined,
  save: () => Promise<unknown>,
): Promise<void> {
  let isAgain = false;
  await whenConnected(async () => {
    if (isAgain && record && (await savedRecord(files, path, record))) return;
    isAgain = true;
    await save();
  });
}

/**
 * The record of this kind and id among those that were saved last. The server may commit what it got late, when it
 * notices that a connection is gone: only who has the chat's lock can rely on there being none.
 */
export async function savedRecord(
  files: ReadableFiles,
  path: string,
  { type, id }: AskRecord | EndRecord,
): Promise<AskRecord | EndRecord | undefined> {
  const found = await files.stat(path);
  if (!found) return undefined;
  const { records } = await readPage(files, path, { end: found.size, turnCount: Number.POSITIVE_INFINITY });
  return records
    .flatMap(({ record }) => (record.type === 'header' ? [] : [record]))
    .find((record) => record.type === type && record.id === id);
}
