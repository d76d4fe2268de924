import type { FileStore } from '../../files/fileStore.ts';
import type { Pace } from '../../util/pace.ts';
import { linesForward } from '../lineReader.ts';
import { transcriptPath } from '../paths.ts';
import { type AskRecord, decodeRecord, type EndRecord, type PlacedRecord, turnSeq } from '../transcriptRecord.ts';
import { exchanges } from '../transcriptView.ts';
import { LinePattern } from './linePattern.ts';
import { searchedTexts } from './searchedTexts.ts';
import type { SearchPatterns } from './searchPatterns.ts';
import { type SearchSnippet, searchSnippet } from './searchSnippet.ts';

/** Turns that are looked at together; bounds what of a long chat is in memory. */
const BATCH_TURNS = 1000;
const MENTIONED_ID = new LinePattern(/"(?:id|retry_of)"\s*:\s*"([^"]*)"/u);

/** A text that was found in a turn: at most one hit in its question and one in its answer. */
export interface SearchHit extends SearchSnippet {
  readonly chatId: string;
  /** As in the turn's view. */
  readonly turnId: string;
  readonly place: 'question' | 'answer';
  /** The turn's number, where it has one. */
  readonly seq: number | undefined;
  /** When it was asked. */
  readonly created: string;
}

export interface SearchChatOptions {
  readonly files: FileStore;
  readonly chatId: string;
  readonly patterns: SearchPatterns;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Called for a line that is too long to be read. */
  readonly onLongLine: () => void;
}

/** What a record says of its turn, without its texts, and where the text was found in them. */
interface Outline extends PlacedRecord {
  readonly question: SearchSnippet | undefined;
  readonly answer: SearchSnippet | undefined;
}

/**
 * The places of a chat's turns, as a view shows them, in which a text stands. Records that hold it are looked for
 * first; what became of their turns (answered, asked again, discarded) stands in other lines, which are read then.
 * @throws ChatError `not-found` when the chat is gone; the signal's reason when it is aborted
 */
export async function* searchChat(options: SearchChatOptions): AsyncGenerator<SearchHit, void> {
  const { stored, shown } = options.patterns;
  const done = new Set<string>();
  const batch = new Map<string, Outline>();
  for await (const { offset, record } of recordsWith(stored, () => true, options)) {
    const id = record.id ?? `at-${offset}`;
    if (done.has(id)) continue;
    const outline = outlineOf(offset, record, shown);
    if (!outline.question && !outline.answer) continue;
    done.add(id);
    batch.set(id, outline);
    if (batch.size < BATCH_TURNS) continue;
    yield* hitsIn(batch, options);
    batch.clear();
  }
  if (batch.size > 0) yield* hitsIn(batch, options);
}

async function* hitsIn(
  batch: ReadonlyMap<string, Outline>,
  options: SearchChatOptions,
): AsyncGenerator<SearchHit, void> {
  const outlines = [...batch.values()];
  const known = new Set(outlines.map(({ offset }) => offset));
  const isOfBatch = (id: unknown) => typeof id === 'string' && batch.has(id);
  const isNews = (id: string | undefined, offset: number) => !known.has(offset) && (id === undefined || batch.has(id));
  for await (const { offset, record } of recordsWith(MENTIONED_ID, isNews, options)) {
    if (isOfBatch(record.id) || isOfBatch(record.retry_of)) {
      outlines.push(outlineOf(offset, record, options.patterns.shown));
    }
  }
  const byRecord = new Map<unknown, Outline>(outlines.map((outline) => [outline.record, outline]));
  for (const { id, ask, end } of exchanges(outlines.sort((a, b) => a.offset - b.offset))) {
    if (!batch.has(id)) continue;
    const turn = {
      chatId: options.chatId,
      turnId: id,
      seq: end && turnSeq(end),
      created: ask?.created ?? end?.created ?? '',
    };
    const question = byRecord.get(ask ?? end)?.question;
    if (question) yield { ...turn, place: 'question', ...question };
    const answer = byRecord.get(end)?.answer;
    if (answer) yield { ...turn, place: 'answer', ...answer };
  }
}

async function* recordsWith(
  pattern: LinePattern,
  isWanted: (group: string | undefined, offset: number) => boolean,
  { files, chatId, pace, signal, onLongLine }: SearchChatOptions,
): AsyncGenerator<{ offset: number; record: AskRecord | EndRecord }, void> {
  const decoder = new TextDecoder();
  for await (const block of linesForward(files, transcriptPath(chatId), 0)) {
    if (block.isTorn) return;
    if (!block.bytes) onLongLine();
    for (const { offset, bytes } of pattern.lines(block.bytes ?? new Uint8Array(), block.offset, isWanted)) {
      const record = decodeRecord(decoder.decode(bytes));
      if (record && record.type !== 'header') yield { offset, record };
      await pace.rest();
      signal.throwIfAborted();
    }
    await pace.rest();
    signal.throwIfAborted();
  }
}

function outlineOf(offset: number, record: AskRecord | EndRecord, shown: RegExp): Outline {
  const texts = searchedTexts(record);
  const find = (all: readonly string[]) => {
    for (const text of all) {
      const snippet = searchSnippet(text, shown);
      if (snippet) return snippet;
    }
    return undefined;
  };
  return { offset, record: withoutTexts(record), question: find(texts.question), answer: find(texts.answer) };
}

function withoutTexts(record: AskRecord | EndRecord): AskRecord | EndRecord {
  const { created } = record;
  const question = { type: '', questions: [] };
  switch (record.type) {
    case 'ask':
      return { type: 'ask', created, id: record.id, writer: record.writer, question, retry_of: record.retry_of };
    case 'turn':
      return { type: 'turn', created, id: record.id, seq: record.seq, question, answer: null };
    case 'fail':
      return { type: 'fail', created, id: record.id, error: record.error };
    case 'cancel':
      return { type: 'cancel', created, id: record.id, is_discarded: record.is_discarded };
  }
}
