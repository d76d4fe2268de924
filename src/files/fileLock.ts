import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChatError } from '../protocol/chatError.ts';
import { diskError } from './diskError.ts';
import { type DiskPlace, identityOf } from './diskPlace.ts';
import type { Lease } from './fileStore.ts';
import { makeFolder } from './makeFolder.ts';
import { trySqliteLock } from './sqliteLock.ts';

/** A lock on the file that stands at a place. Once another stands there, or none, the right is gone. */
export interface FileLock extends Lease {
  /** @param isLast removes the file with the lock */
  release(isLast: boolean): void;
}

/**
 * Tries once to take the lock on the file at a place, which is made when it is missing. undefined when somebody else
 * has it. Windows remove lock files of others that are gone, and users whole folders, at any moment: so the lock counts
 * only when the file that was there before is there still.
 * @param find looks at the place anew; throws where there must be no lock
 */
export async function tryFileLock(find: () => DiskPlace): Promise<FileLock | undefined> {
  for (;;) {
    const { absolute, entry, hasFolder } = find();
    // With bytes in it, SQLite would take it for a database, and a journal beside it for what to do to which files.
    if (entry && (!entry.isFile() || entry.size > 0)) {
      throw new ChatError('storage', `${absolute} is no lock file, though in the place of one. Remove it.`);
    }
    if (!hasFolder) {
      await makeFolder(dirname(absolute)).catch((error) => {
        throw diskError(error, absolute);
      });
    }
    const lock = await trySqliteLock(absolute);
    if (!lock) return undefined;
    const isInPlace = () => entry !== undefined && isAt(find, entry);
    if (!isInPlace()) {
      lock.dispose();
      continue;
    }
    return {
      assertHeld: () => {
        if (isInPlace()) return;
        throw new ChatError('contended', 'The saved chats were moved or removed meanwhile. Try again.');
      },
      release: (isLast) => {
        // Under the lock, so that none taken in between is lost. Windows removes no file that is open: there it goes
        // afterwards, unless somebody has it open by then.
        if (isLast && !IS_WINDOWS && isInPlace()) remove(absolute);
        lock.dispose();
        if (isLast && IS_WINDOWS) remove(absolute);
      },
    };
  }
}

const IS_WINDOWS = process.platform === 'win32';

function isAt(find: () => DiskPlace, entry: NonNullable<DiskPlace['entry']>): boolean {
  try {
    const now = find().entry;
    return now !== undefined && identityOf(now) === identityOf(entry);
  } catch {
    // Nothing that may be looked at is there, so it is not this file.
    return false;
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // An empty file is left, for the next window to find.
  }
}
