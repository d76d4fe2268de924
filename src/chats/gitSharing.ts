import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { BACKUP, CATALOG, GITIGNORE, LOCKS, STAGING, TRASH } from './paths.ts';

const GITATTRIBUTES = '.gitattributes';
/** Keeps the whole folder out of git. */
const ALL = '*';
/** What is of one machine only: a cache, locks, what was deleted, and what is not whole. */
const OWN = [
  '# Stays on this machine; the chats beside it are shared.',
  CATALOG,
  `${CATALOG}.bad-*`,
  `${LOCKS}/`,
  `${TRASH}/`,
  `${BACKUP}/`,
  `${STAGING}/`,
  'partial-*.json',
  '*.tmp',
];
/** Lines that two people appended are all kept by a merge, and no line end is changed on the way. */
const MERGED = ['chat.jsonl -text merge=union', 'meta.jsonl -text merge=union'];

/** Lets git see the chats of a store. Lines that users added to its .gitignore and .gitattributes stay. */
export async function shareInGit(files: FileStore): Promise<void> {
  const attributes = await readLines(files, GITATTRIBUTES);
  await writeLines(files, GITATTRIBUTES, [...attributes, ...without(MERGED, attributes)]);
  const ignored = without(await readLines(files, GITIGNORE), [ALL]);
  await writeLines(files, GITIGNORE, [...ignored, ...without(OWN, ignored)]);
}

/** Hides the chats of a store from git again; what was committed stays so. */
export async function keepOutOfGit(files: FileStore): Promise<void> {
  const ignored = without(await readLines(files, GITIGNORE), [ALL, ...OWN]);
  await writeLines(files, GITIGNORE, [ALL, ...ignored]);
  await writeLines(files, GITATTRIBUTES, without(await readLines(files, GITATTRIBUTES), MERGED));
}

/** Whether git sees the chats of a store, as far as the store's own .gitignore decides that. */
export async function isSharedInGit(files: FileStore): Promise<boolean> {
  return !(await readLines(files, GITIGNORE)).includes(ALL);
}

async function readLines(files: FileStore, path: string): Promise<string[]> {
  try {
    const lines = new TextDecoder().decode(await files.read(path)).split(/\r?\n/);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  } catch (error) {
    if (ChatError.from(error).code === 'not-found') return [];
    throw error;
  }
}

async function writeLines(files: FileStore, path: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) await files.remove(path);
  else await files.write(path, new TextEncoder().encode(`${lines.join('\n')}\n`));
}

function without(lines: readonly string[], unwanted: readonly string[]): string[] {
  return lines.filter((line) => !unwanted.includes(line.trim()));
}
