import type { AnswerPart } from '../protocol/model.ts';
import type { PipelineResult } from '../protocol/question.ts';

/**
 * The values of a result that can be shown, in the order of its lanes; empty when there is none. Several values are
 * labelled with their key, so that answers of several agents can be told apart.
 */
export function answerParts(result: PipelineResult): AnswerPart[] {
  const parts: AnswerPart[] = [];
  for (const [key, laneType] of Object.entries(result.result_types ?? {})) {
    const value: unknown = Object.hasOwn(result, key) ? result[key] : undefined;
    const values = Array.isArray(value) ? value : [value];
    values.forEach((item: unknown, index) => {
      const part = answerPart(item, laneType);
      if (part) parts.push({ key: `${key}/${index}`, label: values.length > 1 ? `${key} ${index + 1}` : key, ...part });
    });
  }
  const only = parts.length === 1 ? parts[0] : undefined;
  return only ? [{ key: only.key, kind: only.kind, text: only.text }] : parts;
}

/** What a later question is sent as this answer's text. */
export function answerText(result: PipelineResult): string {
  return answerParts(result)
    .map((part) => part.text)
    .join('\n\n');
}

function answerPart(value: unknown, laneType: string): Pick<AnswerPart, 'kind' | 'text'> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : { kind: 'markdown', text: value };
  if (laneType === 'questions') return { kind: 'markdown', text: questionTexts(value) };
  return { kind: 'json', text: JSON.stringify(value, null, 2) };
}

/** The `questions` lane carries whole Question objects; their texts are what a reader wants. */
function questionTexts(value: unknown): string {
  const questions = typeof value === 'object' && value !== null && 'questions' in value ? value.questions : undefined;
  const texts = Array.isArray(questions)
    ? questions.flatMap((one: unknown) =>
        typeof one === 'object' && one !== null && 'text' in one && typeof one.text === 'string' ? [one.text] : [],
      )
    : [];
  return texts.length > 0 ? texts.join('\n\n') : `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
