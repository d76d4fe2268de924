import { type BigIntStats, lstatSync } from 'node:fs';
import { sep } from 'node:path';
import { ChatError } from '../protocol/chatError.ts';
import { diskError } from './diskError.ts';
import { storePath } from './storePath.ts';

/** Where a path of a store lies on the disk, and what is there now. */
export interface DiskPlace {
  readonly absolute: string;
  /** undefined when nothing is there. */
  readonly entry: BigIntStats | undefined;
  /** The folder that is to hold it is there. */
  readonly hasFolder: boolean;
}

/**
 * Looks a path up, a folder at a time, from the store's root: a link there, in a cloned repository say, would lead reads
 * and writes out of the tree. What lies above the root may be links. Costs 3 µs a folder; the event loop waits for it,
 * because a round through the thread pool costs ten times that.
 * @throws ChatError `storage` for a symbolic link at or below the root.
 */
export function diskPlace(root: string, path: string): DiskPlace {
  const segments = storePath(path);
  const absolute = [root, ...segments].join(sep);
  let entry = lookAt(root);
  let here = root;
  for (const segment of segments) {
    if (!entry) return { absolute, entry: undefined, hasFolder: false };
    here += sep + segment;
    entry = lookAt(here);
  }
  return { absolute, entry, hasFolder: true };
}

/** Differs for two files that stand at one path one after the other. */
export function identityOf(entry: BigIntStats): string {
  // Disks give the number of a file that is gone to a new one; the time of birth tells them apart.
  return `${entry.dev}:${entry.ino}:${entry.birthtimeNs}`;
}

function lookAt(absolute: string): BigIntStats | undefined {
  let entry: BigIntStats | undefined;
  try {
    entry = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw diskError(error, absolute);
  }
  if (!entry?.isSymbolicLink()) return entry;
  throw new ChatError(
    'storage',
    `${absolute} is a symbolic link, and chats are kept in real folders only. Put a real folder or file in its place.`,
  );
}
