import { ChatError } from '../protocol/chatError.ts';

export const CATALOG = 'catalog.json';
export const LOCKS = '.locks';
export const CATALOG_LOCK = `${LOCKS}/catalog`;
export const WRITER_PREFIX = 'writer-';
export const GITIGNORE = '.gitignore';
export const TRASH = '.trash';
/** Holds a folder of old bytes for every repair. */
export const BACKUP = '.backup';
/** Copies that are being made, each a folder until it is complete and moved among the chats. */
export const STAGING = '.staging';
/** Names of the files of a chat in its folder. */
export const TRANSCRIPT = 'chat.jsonl';
export const META = 'meta.jsonl';

/** As the schema `chatId` has it, for the names of ten thousand folders. */
const CHAT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a folder name that is a chat's. */
export function isChatId(name: string): boolean {
  return CHAT_ID.test(name);
}

/** Folder of a chat. @throws ChatError `invalid` unless the id is a UUID, so no id leads out of the store. */
export function chatFolder(id: string): string {
  if (!isChatId(id)) throw new ChatError('invalid', `A chat's id must be a UUID; got "${id.slice(0, 80)}".`);
  return id;
}

export const transcriptPath = (id: string): string => `${chatFolder(id)}/${TRANSCRIPT}`;
export const metaPath = (id: string): string => `${chatFolder(id)}/${META}`;
export const partialPath = (id: string, askId: string): string => `${chatFolder(id)}/partial-${chatFolder(askId)}.json`;

/** Locks lie outside the chats' folders, so that none keeps a folder from being removed; 256 files serve all chats. */
export const chatLock = (id: string): string => `${LOCKS}/chat-${chatFolder(id).slice(0, 2).toLowerCase()}`;

/** Held by a window as long as it lives, so that others can tell whether the writer of an ask is gone. */
export const writerLock = (writerId: string): string => `${LOCKS}/${WRITER_PREFIX}${chatFolder(writerId)}`;
