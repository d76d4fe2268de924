import type { FileStore } from '../files/fileStore.ts';
import { ChatError, type ChatErrorCode } from '../protocol/chatError.ts';
import { questionText } from '../protocol/question.ts';
import { type CatalogEntry, DEFAULT_TITLE, preview } from './catalog.ts';
import type { ChatMeta } from './chatMeta.ts';
import { META, TRANSCRIPT } from './paths.ts';
import { readMeta } from './readMeta.ts';
import { headerOf, lastSeq, readHead, readPage } from './readTranscript.ts';
import type { PlacedRecord } from './transcriptRecord.ts';

/** Transcripts up to this size (in bytes) are read whole, so that their turns are counted exactly. */
const WHOLE_BYTES = 64 * 1024;
/** Says that nothing can be had from the server now, and nothing of the chat that was asked for. */
const NOT_OF_THE_CHAT: ReadonlySet<ChatErrorCode> = new Set(['server-offline', 'server-refused', 'server-forbidden']);

/** Bytes of the two files that an entry is made of; undefined for one that is not there. */
export interface FolderSizes {
  readonly chat: number | undefined;
  readonly meta: number | undefined;
}

export interface FolderSummary {
  /** undefined for a chat that holds no question. */
  readonly entry: CatalogEntry | undefined;
  readonly meta: ChatMeta;
  readonly sizes: FolderSizes;
}

export async function folderSizes(files: FileStore, folder: string): Promise<FolderSizes> {
  const [chat, meta] = await Promise.all([files.stat(`${folder}/${TRANSCRIPT}`), files.stat(`${folder}/${META}`)]);
  return { chat: chat?.size, meta: meta?.size };
}

/**
 * What the files of a chat's folder tell of it, read from the transcript's head and tail and from its meta file. A chat
 * whose files are there but can't be read has an entry all the same, so that none is hidden. The turns of a large one are
 * taken to be as many as the last one's number says, which holds for all that this code has written.
 */
export async function summarizeFolder(files: FileStore, id: string, folder: string): Promise<FolderSummary> {
  let sizes = NO_SIZES;
  let meta: ChatMeta = {};
  try {
    sizes = await folderSizes(files, folder);
    meta = sizes.meta === undefined ? {} : ((await readMeta(files, folder))?.meta ?? {});
    const facts = sizes.chat === undefined ? undefined : await readFacts(files, `${folder}/${TRANSCRIPT}`, sizes.chat);
    return { entry: facts && makeEntry(id, facts, meta, sizes), meta, sizes };
  } catch (error) {
    const { code } = ChatError.from(error);
    if (code === 'internal' || NOT_OF_THE_CHAT.has(code)) throw error;
    if (code === 'not-found') return { entry: undefined, meta: {}, sizes: NO_SIZES };
    return { entry: unreadableEntry(id, meta), meta, sizes };
  }
}

/** The entry of a chat of which nothing is known but that it is there, and what is said of it. */
export function unreadableEntry(id: string, meta: ChatMeta = {}): CatalogEntry {
  return makeEntry(id, UNREADABLE, meta);
}

/** The row of a chat's folder. @param sizes those of the files when `facts` were read from them */
export function makeEntry(id: string, facts: TranscriptFacts, meta: ChatMeta, sizes?: FolderSizes): CatalogEntry {
  const title = meta.title ?? DEFAULT_TITLE;
  return {
    guid: id,
    title,
    created: facts.created,
    updated: facts.updated,
    message_count: facts.turnCount,
    preview: preview(facts.lastQuestion),
    pipeline_id: meta.pipeline_id ?? facts.pipelineId,
    first_question: preview(facts.firstQuestion),
    ...(meta.pinned ? { pinned: true } : {}),
    ...(meta.archived ? { archived: true } : {}),
    ...(facts.isUnreadable ? { unreadable: true } : {}),
    ...(sizes?.chat === undefined ? {} : { checked: { chat: sizes.chat, meta: sizes.meta ?? 0, title } }),
  };
}

/** What a transcript tells a list. */
export interface TranscriptFacts {
  readonly created: string;
  readonly updated: string;
  readonly turnCount: number;
  readonly pipelineId: string;
  readonly firstQuestion: string;
  readonly lastQuestion: string;
  readonly isUnreadable: boolean;
}

const NO_SIZES: FolderSizes = { chat: undefined, meta: undefined };
const UNREADABLE: TranscriptFacts = {
  created: '',
  updated: '',
  turnCount: 0,
  pipelineId: '',
  firstQuestion: '',
  lastQuestion: '',
  isUnreadable: true,
};

/** undefined for a transcript without a question, when nothing in it is unreadable. */
async function readFacts(files: FileStore, path: string, size: number): Promise<TranscriptFacts | undefined> {
  // What has no bytes may be no file at all, which only a read tells.
  if (size === 0) await files.read(path);
  const isWhole = size <= WHOLE_BYTES;
  const page = await readPage(files, path, { end: size, turnCount: isWhole ? Number.POSITIVE_INFINITY : 1 });
  const tail = page.records;
  const head = isWhole ? tail : await readHead(files, path);
  const firstQuestion = questions(head)[0] ?? questions(tail)[0];
  if (firstQuestion === undefined && page.unreadableCount === 0) return undefined;
  const header = headerOf(head);
  const last = tail.findLast(({ record }) => record.type !== 'header')?.record;
  const created = header?.created ?? head[0]?.record.created ?? last?.created ?? '';
  return {
    created,
    updated: last?.created ?? created,
    turnCount: isWhole ? tail.filter(({ record }) => record.type === 'turn').length : await lastSeq(files, path),
    pipelineId: header?.pipeline_id ?? '',
    firstQuestion: firstQuestion ?? '',
    lastQuestion: lastQuestion(tail),
    isUnreadable: firstQuestion === undefined,
  };
}

function questions(records: readonly PlacedRecord[]): string[] {
  return records.flatMap(({ record }) =>
    record.type === 'ask' || record.type === 'turn' ? [questionText(record.question)] : [],
  );
}

/** The question of the last record, as a list shows it. */
function lastQuestion(records: readonly PlacedRecord[]): string {
  const last = records.at(-1)?.record;
  if (last?.type === 'fail' || last?.type === 'cancel') {
    const ask = records.findLast(({ record }) => record.type === 'ask' && record.id === last.id);
    if (ask) return questions([ask])[0] ?? '';
  }
  return questions(records).at(-1) ?? '';
}
