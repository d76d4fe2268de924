import type { FileStore, Lease } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type ChatMeta, encodeMeta } from './chatMeta.ts';
import { META } from './paths.ts';

/**
 * Sets what is said of a chat, in its folder; the size of the meta file afterwards, in bytes. Needs the chat's lock, so
 * that a folder that was moved away is not made anew. @throws ChatError `not-found` when there is no such folder.
 */
export async function writeMeta(files: FileStore, folder: string, patch: ChatMeta, lease: Lease): Promise<number> {
  if (!(await files.stat(folder))) throw chatIsGone();
  const line = encodeMeta(patch);
  if (await files.create(`${folder}/${META}`, line, lease)) return line.length;
  return files.append(`${folder}/${META}`, line, lease);
}

export function chatIsGone(): ChatError {
  return new ChatError('not-found', 'This chat was deleted.');
}
