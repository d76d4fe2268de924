import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { readPage } from './readTranscript.ts';
import type { AskRecord, EndRecord } from './transcriptRecord.ts';

/** How often a connection may be lost in the middle; each time the next one is waited for. */
const MOST_TRIES = 4;
/** Among so many last turns a record is looked for that may have been saved. */
const LOOKED_TURNS = 20;

/**
 * Saves a record once, though the connection to a server is lost in the middle: then nobody knows whether the record is
 * there, so it is looked for before it is saved again.
 */
export async function saved(
  files: FileStore,
  path: string,
  record: AskRecord | EndRecord,
  save: () => Promise<unknown>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (tries > 1 && (await isThere(files, path, record))) return;
      await save();
      return;
    } catch (error) {
      if (ChatError.from(error).code !== 'server-offline' || tries === MOST_TRIES) throw error;
    }
  }
}

async function isThere(files: FileStore, path: string, { id, type }: AskRecord | EndRecord): Promise<boolean> {
  const end = (await files.stat(path))?.size ?? 0;
  const { records } = await readPage(files, path, { end, turnCount: LOOKED_TURNS });
  return records.some(({ record }) => record.type === type && record.id === id);
}
