import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type ChatMeta, decodeMeta } from './chatMeta.ts';
import { META } from './paths.ts';

export interface SaidOfChat {
  readonly meta: ChatMeta;
  /** Bytes of the meta file. */
  readonly size: number;
}

/** What is said of the chat in a folder; undefined when nothing is. */
export async function readMeta(files: FileStore, folder: string): Promise<SaidOfChat | undefined> {
  try {
    const bytes = await files.read(`${folder}/${META}`);
    return { meta: decodeMeta(new TextDecoder().decode(bytes)), size: bytes.length };
  } catch (error) {
    if (ChatError.from(error).code === 'not-found') return undefined;
    throw error;
  }
}
