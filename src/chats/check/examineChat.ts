import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import type { CatalogEntry } from '../catalog.ts';
import { type ChatMeta, decodeMetaLines } from '../chatMeta.ts';
import { chatFolder, metaPath, transcriptPath } from '../paths.ts';
import { type FolderSizes, makeEntry, unreadableEntry } from '../summarizeFolder.ts';
import { type ChatScan, scanChat } from './scanChat.ts';
import { type FoundFile, walkFolder } from './walkFolder.ts';

/** Chats examined side by side: enough to hide waits for the disk, and little memory when their lines are very long. */
export const EXAMINED_AT_ONCE = 4;

/** What a list needs of an examined chat; small, so that those of all chats can be held. */
export interface ChatOutline {
  readonly id: string;
  /** As the list should have it, with exact counts; undefined for a chat that holds no question. */
  readonly entry: CatalogEntry | undefined;
  readonly hasHeader: boolean;
  readonly isDeleted: boolean;
  readonly isNewer: boolean;
  /** Bytes of the files that it was made of. */
  readonly sizes: FolderSizes;
}

export interface MetaScan {
  readonly meta: ChatMeta;
  readonly byteCount: number;
  readonly unreadableCount: number;
  readonly isTorn: boolean;
}

/** All that the folder of a chat tells, read in full. */
export interface ChatFacts {
  readonly outline: ChatOutline;
  /** A ChatError when the folder can't be looked into. */
  readonly files: readonly FoundFile[] | ChatError;
  /** undefined when it is not there; a ChatError when it can't be read. */
  readonly scan: ChatScan | ChatError | undefined;
  readonly meta: MetaScan | ChatError | undefined;
}

/** Reads every line of a chat's files; the content of other files is left alone. */
export async function examineChat(files: FileStore, id: string): Promise<ChatFacts> {
  const found = (await attempt(() => walkFolder(files, chatFolder(id)))) ?? [];
  const meta = await attempt(() => scanMeta(files, metaPath(id)));
  const scan = await attempt(() => scanChat(files, transcriptPath(id)));
  const sizes = { chat: bytesOf(scan), meta: bytesOf(meta) };
  const said = meta && !(meta instanceof ChatError) ? meta.meta : {};
  const read = scan instanceof ChatError ? undefined : scan;
  const isUnreadable = scan instanceof ChatError || meta instanceof ChatError;
  const outline: ChatOutline = {
    id,
    entry: isUnreadable ? unreadableEntry(id, said) : read?.facts && makeEntry(id, read.facts, said, sizes),
    hasHeader: read?.hasHeader ?? false,
    isDeleted: said.deleted ?? false,
    isNewer: read?.isNewer ?? false,
    sizes,
  };
  return { outline, files: found, scan, meta };
}

function bytesOf(scan: { readonly byteCount: number } | ChatError | undefined): number | undefined {
  return scan instanceof ChatError ? undefined : scan?.byteCount;
}

async function scanMeta(files: FileStore, path: string): Promise<MetaScan> {
  const bytes = await files.read(path);
  const text = new TextDecoder().decode(bytes);
  return { ...decodeMetaLines(text), byteCount: bytes.length, isTorn: text !== '' && !text.endsWith('\n') };
}

/** undefined for a file that is not there. */
async function attempt<T>(read: () => Promise<T>): Promise<T | ChatError | undefined> {
  try {
    return await read();
  } catch (thrown) {
    const error = ChatError.from(thrown);
    if (error.code === 'internal') throw thrown;
    return error.code === 'not-found' ? undefined : error;
  }
}
