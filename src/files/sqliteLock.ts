import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ChatError } from '../protocol/chatError.ts';
import type { Disposable } from '../util/disposable.ts';
import { diskError } from './diskError.ts';

const SQLITE_BUSY = 5;
/**
 * On a file that may only be read, BEGIN IMMEDIATE succeeds and locks nothing. So a statement follows that has to be
 * allowed to write, and finds nothing to do.
 */
const TAKE = 'PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE; PRAGMA incremental_vacuum(1)';

/**
 * Tries once to take the lock that SQLite keeps on a file: a write transaction that writes nothing. The kernel gives it
 * to one process at a time, of whatever editor, and takes it back when that process ends, however it ends; a suspended
 * process keeps it. Costs about 0.1 ms. undefined when somebody else has it.
 * @throws ChatError `storage` when the file can't be made or this editor's Node.js has no SQLite.
 */
export async function trySqliteLock(file: string): Promise<Disposable | undefined> {
  const { DatabaseSync } = await loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(TAKE);
    const held = database;
    return { dispose: () => held.close() };
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY) return undefined;
    throw diskError(await refusal(file, error), file);
  }
}

/** Why the disk refuses, which SQLite doesn't say. */
async function refusal(file: string, error: unknown): Promise<unknown> {
  try {
    await access(existsSync(file) ? file : dirname(file), constants.W_OK);
    return error;
  } catch (refused) {
    return refused;
  }
}

async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch (cause) {
    throw new ChatError(
      'storage',
      'Chats can be read but not saved: this editor was built without SQLite, which keeps windows from overwriting ' +
        'each other. Update the editor.',
      { cause },
    );
  }
}
