import type { HistoryMessage, Question } from '../protocol/question.ts';
import type { ModelMessage } from './streamModel.ts';

/**
 * A question as messages with their roles apart: what the model shall be and do, the history in full, then the
 * question behind its context and documents. `instructions` are those of the prompt nodes on the way.
 */
export function promptMessages(question: Question, instructions: readonly string[]): ModelMessage[] {
  const system = systemText(question, instructions);
  const history: readonly HistoryMessage[] = question.history ?? [];
  return [
    ...(system === '' ? [] : [{ role: 'system', content: system } as const]),
    ...history.map(({ role, content }) => ({ role, content })),
    { role: 'user', content: userText(question) },
  ];
}

function systemText(question: Question, instructions: readonly string[]): string {
  const own = question.instructions ?? [];
  return joined([
    question.role ?? '',
    ...own.map((item) => titled(item.subtitle, item.instructions)),
    ...instructions,
    list('Goals', question.goals ?? []),
    ...(question.examples ?? []).map((example) => `Example\nGiven: ${example.given}\nResult: ${example.result}`),
    question.expectJson ? 'Answer with one JSON value and nothing else: no explanation, no code fence.' : '',
  ]);
}

/** One message, for some models refuse two of the same role in a row. */
function userText(question: Question): string {
  const documents = (question.documents ?? []).map((document) => document.page_content);
  return joined([
    ...(question.context ?? []).map((text) => titled('Context', text)),
    ...documents.filter((content) => typeof content === 'string').map((content) => titled('Document', content)),
    ...question.questions.map((item) => item.text),
  ]);
}

function titled(title: string, text: string): string {
  return title.trim() === '' || text.trim() === '' ? text : `${title}:\n${text}`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n${items.map((item) => `- ${item}`).join('\n')}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}
