import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeQuestion, type Question } from '../../src/protocol/question.ts';
import { PIPELINE_ID } from './chatFixture.ts';

export const CREATED = '2026-01-02T03:04:05.678Z';

export function header(guid: string): Record<string, unknown> {
  return { type: 'header', schema_version: 1, guid, created: CREATED, pipeline_id: PIPELINE_ID };
}

export function question(chatId: string, text: string): Question {
  return makeQuestion(text, { chatId });
}

export function turn(chatId: string, seq: number, text: string, answer: string): Record<string, unknown> {
  return {
    type: 'turn',
    schema_version: 1,
    seq,
    created: CREATED,
    question: question(chatId, text),
    answer: { result_types: { answers: 'answers' }, answers: [answer] },
  };
}

/** Writes a transcript as given: records as JSON, strings as they are; every line but a last string gets its newline. */
export async function writeChat(
  root: string,
  id: string,
  lines: readonly (string | Record<string, unknown>)[],
): Promise<string> {
  await mkdir(join(root, id), { recursive: true });
  const path = join(root, id, 'chat.jsonl');
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  await writeFile(path, typeof lines.at(-1) === 'string' ? text : `${text}\n`);
  return path;
}
