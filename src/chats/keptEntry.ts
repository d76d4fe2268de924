import { type AskedQuestion, questionText } from '../protocol/question.ts';
import { type CatalogEntry, DEFAULT_TITLE, preview } from './catalog.ts';
import { type AskRecord, type EndRecord, turnSeq } from './transcriptRecord.ts';

/** The entry of a chat that is made now. @param size bytes of its transcript */
export function newEntry(
  chat: { readonly id: string; readonly created: string; readonly pipelineId: string },
  records: readonly (AskRecord | EndRecord)[],
  size: number,
): CatalogEntry {
  const questions = records.flatMap((record) =>
    record.type === 'ask' || record.type === 'turn' ? [questionText(record.question)] : [],
  );
  return {
    guid: chat.id,
    title: DEFAULT_TITLE,
    created: chat.created,
    updated: records.at(-1)?.created ?? chat.created,
    message_count: records.filter(({ type }) => type === 'turn').length,
    preview: preview(questions.at(-1) ?? ''),
    pipeline_id: chat.pipelineId,
    first_question: preview(questions[0] ?? ''),
    checked: { chat: size, meta: 0, title: DEFAULT_TITLE },
  };
}

/** The entry once a question has its end. @param size bytes of the transcript with that end in it */
export function entryWithEnd(entry: CatalogEntry, question: AskedQuestion, end: EndRecord, size: number): CatalogEntry {
  const { checked } = entry;
  return {
    ...entry,
    updated: end.created,
    // More than one more where a window died before it told the list of its turn.
    message_count: end.type === 'turn' ? Math.max(entry.message_count + 1, turnSeq(end) ?? 0) : entry.message_count,
    preview: preview(questionText(question)),
    checked: checked && { ...checked, chat: size },
  };
}
