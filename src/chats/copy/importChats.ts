import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { type Catalog, type CatalogEntry, decodeCatalog } from '../catalog.ts';
import type { ChatMeta } from '../chatMeta.ts';
import type { ChatStore } from '../chatStore.ts';
import { CATALOG, isChatId, META, TRANSCRIPT, writerLock } from '../paths.ts';
import { summarizeFolder } from '../summarizeFolder.ts';
import { MAX_LINE_BYTES } from '../transcriptRecord.ts';
import { chatName } from './chatName.ts';
import { type CopySource, isNewer, placeCopies, type StagedCopy, stageCopy, sweepStaging } from './copyChat.ts';
import { readContent, type TranscriptContent } from './copyTranscript.ts';
import { onlyListed } from './onlyListed.ts';

export interface ImportOptions {
  readonly newId: () => string;
  readonly now: () => string;
  /** Gives the chats to this pipeline; without it they stay with the one they name. */
  readonly pipelineId?: string | undefined;
  /** How many chats of the source were looked at. */
  readonly onProgress?: ((doneCount: number, totalCount: number) => void) | undefined;
  /** Once it is aborted no other chat is begun; those that are complete stay. */
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedChat {
  /** What the chat was called where it came from: its id, or the name of its file. */
  readonly from: string;
  readonly id: string;
  /** "Untitled chat" when nobody gave one. */
  readonly title: string;
  readonly turnCount: number;
  /** Lines that nobody can read; they were copied as they are. */
  readonly unreadableLineCount: number;
}

export interface ImportResult {
  readonly imported: readonly ImportedChat[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Copies every chat of a `.chats` folder, which is the root of `source` or lies in it, under new ids. Chats that were
 * deleted and chats without a question are left out; one that can't be copied does not keep the others from it. The
 * source is only read. @throws ChatError `invalid` when there is no such folder: nothing is written then.
 */
export async function importTree(source: FileStore, target: ChatStore, options: ImportOptions): Promise<ImportResult> {
  const tree = await findTree(source);
  const imports = new Imports(target, options);
  for (const [at, id] of tree.ids.entries()) {
    if (options.signal?.aborted) break;
    await importFromTree(source, tree, id, imports);
    options.onProgress?.(at + 1, tree.ids.length);
  }
  return imports.finish();
}

/**
 * Copies one transcript, without the files that may lie beside it, into a chat of its own. The source is only read.
 * @param name what people call the file
 */
export async function importTranscript(
  name: string,
  source: FileStore,
  path: string,
  target: ChatStore,
  options: ImportOptions,
): Promise<ImportResult> {
  const imports = new Imports(target, options);
  const isAlive = (writerId: string) => target.writer.isAlive(writerId);
  await imports.take({ name, from: name, source: { files: source, transcript: path, folder: undefined, isAlive } });
  return imports.finish();
}

interface Tree {
  /** Path of the tree in the source, ending in `/` where it is not the root. */
  readonly prefix: string;
  readonly ids: readonly string[];
  readonly listed: ReadonlyMap<string, CatalogEntry>;
}

async function findTree(source: FileStore): Promise<Tree> {
  for (const prefix of ['', '.chats/']) {
    const found = await source.list(prefix.slice(0, -1));
    const ids = found.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [name] : []));
    const catalog = found.some(({ name }) => name === CATALOG)
      ? await readCatalog(source, prefix + CATALOG)
      : undefined;
    if (ids.length > 0 || catalog) {
      return { prefix, ids, listed: new Map(catalog?.entries.map((entry) => [entry.guid, entry])) };
    }
  }
  throw new ChatError(
    'invalid',
    `There are no saved chats in ${source.location}. Choose a folder ".chats", or the folder that holds it.`,
  );
}

/** undefined for one that can't be used: then the chats tell their titles themselves, as far as they know them. */
async function readCatalog(source: FileStore, path: string): Promise<Catalog | undefined> {
  if (await isTooLarge(source, path)) return undefined;
  try {
    return decodeCatalog(new TextDecoder().decode(await source.read(path)));
  } catch (error) {
    if (ChatError.from(error).code === 'internal') throw error;
    return undefined;
  }
}

async function importFromTree(files: FileStore, { prefix, listed }: Tree, id: string, imports: Imports): Promise<void> {
  const folder = prefix + id;
  const before = listed.get(id);
  if (await isTooLarge(files, `${folder}/${META}`)) {
    return imports.refuse(chatName(id, before), `${META} of this chat is too large to be read.`);
  }
  const { entry, meta } = await summarizeFolder(files, id, folder);
  if (meta.deleted) return;
  await imports.take({
    from: id,
    name: chatName(id, entry ?? before),
    said: before && entry && onlyListed(before, entry),
    source: {
      files,
      transcript: `${folder}/${TRANSCRIPT}`,
      folder,
      isAlive: (writerId) => isHeld(files, prefix + writerLock(writerId)),
    },
  });
}

/** Files that are read whole may not be larger than the longest line. */
async function isTooLarge(files: FileStore, path: string): Promise<boolean> {
  return ((await files.stat(path))?.size ?? 0) > MAX_LINE_BYTES;
}

/** Whether somebody holds the lock; one that nobody holds is left as it was. */
async function isHeld(files: FileStore, lock: string): Promise<boolean> {
  if (!(await files.stat(lock))) return false;
  try {
    await files.exclusive(lock, async () => undefined, { waitMs: 0 });
    return false;
  } catch (error) {
    // What can't be locked is not being written to.
    return ChatError.from(error).code === 'contended';
  }
}

interface Candidate {
  readonly from: string;
  /** For people. */
  readonly name: string;
  readonly source: CopySource;
  /** What only the catalog says. */
  readonly said?: ChatMeta | undefined;
}

interface Waiting {
  readonly name: string;
  readonly copy: StagedCopy;
  readonly chat: ImportedChat;
}

/** A catalog is written once for so many chats. */
const BATCH = 50;

/** What has come of the chats of one import. */
class Imports {
  readonly #target: ChatStore;
  readonly #options: ImportOptions;
  readonly #imported: ImportedChat[] = [];
  readonly #refused: { name: string; reason: string }[] = [];
  #waiting: Waiting[] = [];
  #isPrepared = false;

  constructor(target: ChatStore, options: ImportOptions) {
    this.#target = target;
    this.#options = options;
  }

  refuse(name: string, reason: string): void {
    this.#refused.push({ name, reason });
  }

  async take(candidate: Candidate): Promise<void> {
    try {
      await this.#take(candidate);
    } catch (error) {
      this.refuse(candidate.name, reasonOf(error));
    }
    if (this.#waiting.length >= BATCH) await this.#place();
  }

  async finish(): Promise<ImportResult> {
    await this.#place();
    return { imported: this.#imported, refused: this.#refused };
  }

  async #take({ from, name, source, said }: Candidate): Promise<void> {
    const content = await readContent(source.files, source.transcript);
    if (content.isNewer) throw isNewer(`"${name}"`);
    if (content.recordCount === 0) throw new ChatError('unreadable', 'There is nothing in it that is of a chat.');
    await this.#prepare();
    const { newId, now, pipelineId } = this.#options;
    const origin = source.folder === undefined ? content.guid : from;
    const copy = await stageCopy(this.#target, source, content, newId(), {
      ...said,
      ...(pipelineId === undefined ? {} : { pipeline_id: pipelineId }),
      origin: origin === undefined ? undefined : { guid: origin, copied: now() },
    });
    if (copy) this.#waiting.push({ name, copy, chat: importedChat(from, copy, content) });
    else if (source.folder === undefined) throw new ChatError('invalid', 'There is no question in it.');
  }

  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    await this.#target.prepare();
    await sweepStaging(this.#target);
    this.#isPrepared = true;
  }

  async #place(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const copies = waiting.map(({ copy }) => copy);
    let failures: ReadonlyMap<string, unknown>;
    try {
      failures = await placeCopies(this.#target, copies);
    } catch (error) {
      failures = new Map(copies.map(({ id }) => [id, error]));
    }
    for (const { name, chat } of waiting) {
      if (failures.has(chat.id)) this.refuse(name, reasonOf(failures.get(chat.id)));
      else this.#imported.push(chat);
    }
  }
}

function importedChat(from: string, { id, entry }: StagedCopy, content: TranscriptContent): ImportedChat {
  const { turnCount, unreadableCount } = content;
  return { from, id, title: entry.title, turnCount, unreadableLineCount: unreadableCount };
}

/** @throws what is no ChatError: a defect, which goes to the log. */
function reasonOf(error: unknown): string {
  const { code, message } = ChatError.from(error);
  if (code === 'internal') throw error;
  return message;
}
