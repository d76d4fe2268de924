import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { concatBytes } from '../../util/concatBytes.ts';
import { type CatalogEntry, DEFAULT_TITLE, withoutEntries } from '../catalog.ts';
import { type ChatMeta, encodeMeta } from '../chatMeta.ts';
import type { ChatStore } from '../chatStore.ts';
import { filePieces } from '../filePieces.ts';
import { filesBelow } from '../filesBelow.ts';
import { chatFolder, isChatId, META, STAGING, TRANSCRIPT, transcriptPath } from '../paths.ts';
import { summarizeFolder } from '../summarizeFolder.ts';
import { copiedTranscript, readContent, type TranscriptContent } from './copyTranscript.ts';

/**
 * Makes a second chat with the same turns under a new id, which is returned. Its title is that of the original with
 * "(copy)" behind it, where a user gave one; it is neither pinned nor archived. Nobody writes to the original meanwhile.
 * @throws ChatError `not-found`, `newer-format`, or `invalid` when the chat has nothing to copy yet.
 */
export async function duplicateChat(
  store: ChatStore,
  id: string,
  { newId, now }: { newId: () => string; now: () => string },
): Promise<string> {
  const listed = (await store.list()).find(({ guid }) => guid === id);
  if (!listed) throw new ChatError('not-found', 'This chat was deleted.');
  await store.prepare();
  await sweepStaging(store);
  const copy = await store.locks.ofChat(id, async () => {
    const source: CopySource = {
      files: store.files,
      transcript: transcriptPath(id),
      folder: chatFolder(id),
      isAlive: (writerId) => store.writer.isAlive(writerId),
    };
    const content = await readContent(store.files, source.transcript);
    if (content.isNewer) throw isNewer('This chat');
    return stageCopy(store, source, content, newId(), {
      ...(listed.title === DEFAULT_TITLE ? {} : { title: `${listed.title} (copy)` }),
      // A damaged header names no pipeline.
      ...(content.guid === undefined ? { pipeline_id: listed.pipeline_id } : {}),
      pinned: false,
      archived: false,
      origin: { guid: id, copied: now() },
    });
  });
  if (!copy) throw new ChatError('invalid', 'There is nothing to copy yet: the first question is being answered.');
  // Whoever holds the list's lock may wait for a chat's, so never the other way round.
  const failure = (await placeCopies(store, [copy])).get(copy.id);
  if (failure) throw failure;
  return copy.id;
}

export interface CopySource {
  readonly files: FileStore;
  /** Path of the transcript. */
  readonly transcript: string;
  /** The chat's folder, whose other files go along; undefined for a transcript alone. */
  readonly folder: string | undefined;
  /** Whether the writer of an ask without an end is still answering it. */
  readonly isAlive: (writerId: string) => Promise<boolean>;
}

/** A copy that is complete on disk, but not among the chats yet. */
export interface StagedCopy {
  readonly id: string;
  readonly folder: string;
  readonly entry: CatalogEntry;
}

/**
 * Copies a chat to where copies are made. A crash before `placeCopies` leaves nothing that is a chat, only a folder there
 * for `sweepStaging`; that is why the files are not written in their place, where half of them would be listed, or after
 * a name was put into the catalog for them. Asks that are being answered elsewhere stay out, and so do temporary files.
 * Needs `store.prepare()`. undefined when nothing would be left to list.
 * @param said what is said of the copy on top of what was said of the original
 */
export async function stageCopy(
  store: ChatStore,
  source: CopySource,
  content: TranscriptContent,
  id: string,
  said: ChatMeta,
): Promise<StagedCopy | undefined> {
  const folder = `${STAGING}/${store.writer.id}~${chatFolder(id)}`;
  try {
    const without = await answeredElsewhere(content, source.isAlive);
    const transcript = copiedTranscript(source.files, source.transcript, { id, size: content.size, without });
    await store.files.write(`${folder}/${TRANSCRIPT}`, transcript);
    if (source.folder !== undefined) await copyOthers(source.files, source.folder, store.files, folder, without);
    const meta = await copiedMeta(source, said);
    if (meta.length > 0) await store.files.write(`${folder}/${META}`, meta);
    const { entry } = await summarizeFolder(store.files, id, folder);
    if (entry) return { id, folder, entry: { ...entry, message_count: content.turnCount } };
  } catch (error) {
    await dropCopy(store, folder);
    throw error;
  }
  await dropCopy(store, folder);
  return undefined;
}

/**
 * Lists copies, then moves each into its place, whole. Returns why, by id, for those that could not be moved; they are
 * gone.
 */
export async function placeCopies(
  store: ChatStore,
  copies: readonly StagedCopy[],
): Promise<ReadonlyMap<string, ChatError>> {
  const failures = new Map<string, ChatError>();
  const place = async () => {
    for (const { id, folder } of copies) {
      await placeCopy(store.files, folder, id).catch((error) => failures.set(id, ChatError.from(error)));
    }
  };
  try {
    await store.add(
      copies.map(({ entry }) => entry),
      place,
    );
    const failed = new Set(failures.keys());
    if (failed.size > 0) {
      await store.changeCatalog(async (catalog) => {
        return { ...catalog, entries: withoutEntries(catalog.entries, failed) };
      });
    }
  } finally {
    // Of one that was moved, nothing is there.
    for (const { folder } of copies) await dropCopy(store, folder);
  }
  return failures;
}

/** Where a folder can't be moved its files are written again, the transcript last: without one it is no chat. */
async function placeCopy(files: FileStore, folder: string, id: string): Promise<void> {
  try {
    await files.move(folder, chatFolder(id));
  } catch (error) {
    if (ChatError.from(error).code !== 'storage' || (await files.stat(chatFolder(id)))) throw error;
    await writeAgain(files, folder, chatFolder(id)).catch(async (failure) => {
      // What is left of it must not be in the way of the next try.
      await files.remove(chatFolder(id)).catch(() => undefined);
      throw failure;
    });
  }
}

async function writeAgain(files: FileStore, from: string, to: string): Promise<void> {
  const names = (await filesBelow(files, from)).map((path) => path.slice(from.length + 1));
  for (const name of [...names.filter((other) => other !== TRANSCRIPT), TRANSCRIPT]) {
    const end = (await files.stat(`${from}/${name}`))?.size ?? 0;
    await files.write(`${to}/${name}`, filePieces(files, `${from}/${name}`, { start: 0, end }));
  }
}

/** Removes copies that a window which is gone did not complete. */
export async function sweepStaging(store: ChatStore): Promise<void> {
  for (const { name } of await store.files.list(STAGING)) {
    const [writerId = ''] = name.split('~');
    if (isChatId(writerId) && !(await store.writer.isAlive(writerId))) await dropCopy(store, `${STAGING}/${name}`);
  }
}

/** Ids of the asks whose writers are still at work. */
export async function answeredElsewhere(
  { openAsks }: TranscriptContent,
  isAlive: CopySource['isAlive'],
): Promise<ReadonlySet<string>> {
  const alive = new Map<string, boolean>();
  for (const writerId of new Set(openAsks.values())) alive.set(writerId, await isAlive(writerId));
  return new Set([...openAsks].flatMap(([id, writerId]) => (alive.get(writerId) ? [id] : [])));
}

export function isNewer(name: string): ChatError {
  return new ChatError(
    'newer-format',
    `${name} was written by a newer version of Pipeline Chat, and can't be copied by this one. Update the extension.`,
  );
}

/** What a write that was cut off leaves behind. */
export function isTemporary(name: string): boolean {
  return /\.[0-9a-f-]{36}\.tmp$/.test(name);
}

async function dropCopy({ files }: ChatStore, folder: string): Promise<void> {
  // What is left is removed with a later copy.
  await files.remove(folder).catch(() => undefined);
}

async function copyOthers(
  files: FileStore,
  folder: string,
  target: FileStore,
  copy: string,
  without: ReadonlySet<string>,
): Promise<void> {
  const skipped = new Set([TRANSCRIPT, META, ...[...without].map((askId) => `partial-${askId}.json`)]);
  for (const path of await filesBelow(files, folder)) {
    const name = path.slice(folder.length + 1);
    if (skipped.has(name) || isTemporary(name)) continue;
    const stat = await files.stat(path);
    // A part of an answer goes when the answer is there.
    if (!stat) continue;
    await target.write(`${copy}/${name}`, filePieces(files, path, { start: 0, end: stat.size }));
  }
}

async function copiedMeta({ files, folder }: CopySource, said: ChatMeta): Promise<Uint8Array> {
  const path = `${folder}/${META}`;
  const bytes = folder !== undefined && (await files.stat(path)) ? await files.read(path) : new Uint8Array();
  const isTorn = bytes.length > 0 && bytes.at(-1) !== 0x0a;
  const more = Object.keys(said).length > 0 ? encodeMeta(said) : new Uint8Array();
  return concatBytes([bytes, Uint8Array.from(isTorn ? [0x0a] : []), more]);
}
