import type { PipelineResult } from '../../protocol/question.ts';
import { questionText } from '../../protocol/question.ts';
import { answerParts } from '../answerParts.ts';
import type { AskRecord, EndRecord } from '../transcriptRecord.ts';

/** What a search looks through. */
export interface SearchedTexts {
  readonly question: readonly string[];
  readonly answer: readonly string[];
}

/** The texts of a record that a person sees: no keys, no ids, no history. Of an answer in JSON, its values. */
export function searchedTexts(record: AskRecord | EndRecord): SearchedTexts {
  return {
    question: record.type === 'ask' || record.type === 'turn' ? [questionText(record.question)] : [],
    answer: record.type !== 'ask' && record.answer ? answerTexts(record.answer) : [],
  };
}

function answerTexts(result: PipelineResult): string[] {
  return answerParts(result).flatMap(({ kind, text }) => (kind === 'json' ? valueTexts(JSON.parse(text)) : [text]));
}

function valueTexts(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(valueTexts);
  return value === null ? [] : [String(value)];
}
