import * as z from 'zod';
import { chatErrorShape } from '../protocol/chatError.ts';
import { type AskedQuestion, askedQuestion, type PipelineResult, pipelineResult } from '../protocol/question.ts';

/** Highest format version that this code writes. Higher ones are read as far as they go. */
export const CHAT_SCHEMA_VERSION = 1;

/** Lines longer than this (in bytes) are kept but not read. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

const base = { schema_version: z.optional(z.number()), created: z.string() };

/** Which turn an exchange follows when that is not the one before it in the file: it begins another branch there. */
const branch = {
  parent: z.optional(z.string()),
  /** Where the line of that turn was, in bytes from the start of the file: a hint, which saves a search. */
  parent_at: z.optional(z.number()),
};

const header = z.looseObject({ ...base, type: z.literal('header'), guid: z.string(), pipeline_id: z.string() });

/** A question, written before the engine is called. */
const ask = z.looseObject({
  ...base,
  type: z.literal('ask'),
  id: z.string(),
  /** Whoever holds this writer's lock is still answering. */
  writer: z.looseObject({ id: z.guid() }),
  question: askedQuestion,
  /** Id of the ask that this one repeats; that one is no longer shown. */
  retry_of: z.optional(z.string()),
  ...branch,
});

/** A question with its answer, as the SDKs write it; `id` names the ask where there was one. */
const turn = z.looseObject({
  ...base,
  type: z.literal('turn'),
  seq: z.optional(z.unknown()),
  id: z.optional(z.string()),
  question: askedQuestion,
  answer: z.nullable(pipelineResult),
  /** `seq` of the turns whose texts were sent as history; the texts themselves are not stored again. */
  history_seq: z.optional(z.array(z.number())),
  ...branch,
});

const fail = z.looseObject({
  ...base,
  type: z.literal('fail'),
  id: z.string(),
  error: chatErrorShape,
  /** What had arrived before the failure. */
  answer: z.optional(pipelineResult),
});

const cancel = z.looseObject({
  ...base,
  type: z.literal('cancel'),
  id: z.string(),
  answer: z.optional(pipelineResult),
  /** What stopping it meant, where there is something to say of it. */
  error: z.optional(chatErrorShape),
  /** The user wants this ask out of sight. */
  is_discarded: z.optional(z.boolean()),
});

export const transcriptRecord = z.discriminatedUnion('type', [header, ask, turn, fail, cancel]);
export type TranscriptRecord = z.infer<typeof transcriptRecord>;
export type HeaderRecord = z.infer<typeof header>;
export type AskRecord = z.infer<typeof ask>;
export type TurnRecord = z.infer<typeof turn>;
export type EndRecord = TurnRecord | z.infer<typeof fail> | z.infer<typeof cancel>;

/** A record with the place of its line, in bytes from the start of the file. */
export interface PlacedRecord {
  readonly offset: number;
  readonly record: TranscriptRecord;
}

/** By this an ask and its ends are known as one exchange; lines of other writers have only their place. */
export function exchangeId({ offset, record }: PlacedRecord): string | undefined {
  if (record.type === 'header') return undefined;
  return record.id ?? `at-${offset}`;
}

const encoder = new TextEncoder();

/** Records as one line each, ending in `\n`; JSON has no raw newline. */
export function encodeRecords(records: readonly TranscriptRecord[]): Uint8Array {
  return encoder.encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

export function encodeRecord(record: TranscriptRecord): Uint8Array {
  return encodeRecords([record]);
}

/** undefined for what is no record of ours: blank, torn, a scalar, an unknown type or shape. Never throws. */
export function decodeRecord(line: string): TranscriptRecord | undefined {
  try {
    const parsed = transcriptRecord.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the bytes stay in the file, and the caller counts them.
    return undefined;
  }
}

export function makeHeader(options: { guid: string; created: string; pipelineId: string }): TranscriptRecord {
  return {
    type: 'header',
    schema_version: CHAT_SCHEMA_VERSION,
    guid: options.guid,
    created: options.created,
    pipeline_id: options.pipelineId,
  };
}

/** A turn line in the SDKs' key order, then our keys. */
export function makeTurn(options: {
  seq: number;
  created: string;
  question: AskedQuestion;
  answer: PipelineResult;
  id: string;
  historySeq: readonly number[];
}): TurnRecord {
  return {
    type: 'turn',
    schema_version: CHAT_SCHEMA_VERSION,
    seq: options.seq,
    created: options.created,
    question: options.question,
    answer: options.answer,
    id: options.id,
    history_seq: [...options.historySeq],
  };
}

/** The turn's number where it is an integer; other writers may leave anything there. */
export function turnSeq(record: TranscriptRecord): number | undefined {
  return record.type === 'turn' && typeof record.seq === 'number' && Number.isInteger(record.seq)
    ? record.seq
    : undefined;
}
