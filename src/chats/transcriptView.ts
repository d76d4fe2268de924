import type { TurnView } from '../protocol/model.ts';
import { type HistoryMessage, questionText } from '../protocol/question.ts';
import { answerParts, answerText } from './answerParts.ts';
import type { AskRecord, EndRecord, PlacedRecord } from './transcriptRecord.ts';
import { turnSeq } from './transcriptRecord.ts';

/** One question of a transcript with all that was said of it. */
export interface Exchange {
  readonly id: string;
  readonly ask: AskRecord | undefined;
  /** The last end; a later one overrules (a discarded failure, say). */
  readonly end: EndRecord | undefined;
}

/** The exchanges of a transcript in the order in which they were asked, those taken out of sight left out. */
export function exchanges(records: readonly PlacedRecord[]): Exchange[] {
  const byId = new Map<string, Exchange>();
  const hidden = new Set<string>();
  for (const { offset, record } of records) {
    if (record.type === 'header') continue;
    const id = record.id ?? `at-${offset}`;
    const known = byId.get(id);
    if (record.type === 'ask') {
      byId.set(id, { id, ask: record, end: known?.end });
      if (record.retry_of !== undefined) hidden.add(record.retry_of);
    } else if (known || record.type === 'turn') {
      byId.set(id, { id, ask: known?.ask, end: record });
      if (record.type === 'cancel' && record.is_discarded) hidden.add(id);
    }
  }
  return [...byId.values()].filter(({ id }) => !hidden.has(id));
}

/** How an ask without an end stands: its writer is this window, another living one, or gone. */
export type OpenAskState = 'running' | 'elsewhere' | 'interrupted';

/** An exchange as the page shows it. */
export function turnView(exchange: Exchange, openState: OpenAskState): TurnView {
  const { id, ask, end } = exchange;
  const question = ask?.question ?? (end?.type === 'turn' ? end.question : undefined);
  const common = {
    id,
    asked: ask?.created ?? end?.created ?? '',
    question: question ? questionText(question) : '',
    parts: end?.answer ? answerParts(end.answer) : [],
  };
  switch (end?.type) {
    case undefined:
      return { ...common, state: openState };
    case 'fail':
      return { ...common, state: 'failed', error: end.error };
    case 'cancel':
      return { ...common, state: 'stopped', ...(end.error ? { error: end.error } : {}) };
    case 'turn':
      if (common.parts.length > 0) return { ...common, state: 'done' };
      return {
        ...common,
        state: 'failed',
        error: { code: 'no-answer', message: 'The pipeline ended without an answer that can be shown.' },
      };
  }
}

export interface History {
  readonly messages: HistoryMessage[];
  /** `seq` of the turns that the messages were taken from. */
  readonly seqs: number[];
}

/**
 * The last messages of answered turns; failures, stopped answers and asks without an end never go along.
 * @param messageCount how many messages at most; question and answer are one each.
 */
export function lastMessages(all: readonly Exchange[], messageCount: number): History {
  const messages: HistoryMessage[] = [];
  const seqs: number[] = [];
  for (const { end } of [...all].reverse()) {
    if (messages.length >= messageCount) break;
    if (end?.type !== 'turn' || !end.answer) continue;
    const answer = answerText(end.answer);
    if (answer === '') continue;
    messages.unshift({ role: 'user', content: questionText(end.question) }, { role: 'assistant', content: answer });
    seqs.unshift(turnSeq(end) ?? 0);
  }
  return { messages: messageCount > 0 ? messages.slice(-messageCount) : [], seqs };
}
