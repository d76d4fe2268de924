import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { Pace } from '../../util/pace.ts';
import { type SearchHit, searchChat } from './searchChat.ts';
import { searchPatterns } from './searchPatterns.ts';

/** Chats searched at once: while one is read, another is looked through. */
const LANES = 3;

export interface SearchOptions {
  /** Ends the search; nothing is reported after. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each hit as it is found; those of a chat in their order, chats in about the order given. */
  readonly onHit: (hit: SearchHit) => void;
  /** The search ends when there are more. Without it there is no limit. */
  readonly maxHits?: number | undefined;
}

export interface SearchEnd {
  /** Whether all chats were searched, or there were more than `maxHits`, or the signal was aborted. */
  readonly state: 'done' | 'more' | 'stopped';
  readonly hitCount: number;
  /** Ids of chats that could not be read, or not whole. One that was deleted meanwhile is not among them. */
  readonly unreadable: readonly string[];
}

/**
 * Looks for a text in the questions and answers of saved chats, as their views show them. Upper and lower case are the
 * same, and so are accents in either normal form (NFC, NFD). Nothing is found of an empty text. Never rejects for what
 * is in a file; files are read in pieces of about a megabyte, or of one line where a line is longer.
 */
export async function searchChats(
  files: FileStore,
  chatIds: readonly string[],
  text: string,
  { signal, onHit, maxHits = Number.POSITIVE_INFINITY }: SearchOptions,
): Promise<SearchEnd> {
  const patterns = searchPatterns(text);
  const pace = new Pace();
  const unreadable = new Set<string>();
  const isFull = new AbortController();
  const over = signal ? AbortSignal.any([signal, isFull.signal]) : isFull.signal;
  let hitCount = 0;

  const search = async (chatId: string): Promise<void> => {
    const onLongLine = () => unreadable.add(chatId);
    try {
      for await (const hit of searchChat({ files, chatId, patterns, pace, signal: over, onLongLine })) {
        if (hitCount >= maxHits) isFull.abort();
        if (over.aborted) return;
        hitCount += 1;
        onHit(hit);
      }
    } catch (error) {
      if (over.aborted) return;
      if (!(error instanceof ChatError)) throw error;
      if (error.code !== 'not-found') unreadable.add(chatId);
    }
  };

  const waiting = text === '' ? [].values() : chatIds.values();
  const lane = async () => {
    for (const chatId of waiting) {
      if (over.aborted) return;
      await search(chatId);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const state = signal?.aborted ? 'stopped' : isFull.signal.aborted ? 'more' : 'done';
  return { state, hitCount, unreadable: [...unreadable] };
}
