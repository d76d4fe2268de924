import type { AnswerPart } from '../protocol/model.ts';
import type { PipelineResult } from '../protocol/question.ts';
import { documentsPart, sourceNames } from './documentsPart.ts';
import { imagePart } from './imagePart.ts';
import { mediaParts } from './mediaParts.ts';
import type { PartContent } from './partContent.ts';
import { tableMarkdown } from './tableMarkdown.ts';

/**
 * The values of a result that can be shown, in the order of its lanes; empty when there is none. Several values are
 * labelled with their key, so that answers of several agents can be told apart.
 */
export function answerParts(result: PipelineResult): AnswerPart[] {
  const parts = Object.entries(result.result_types ?? {}).flatMap(([key, laneType]) => {
    const value: unknown = Object.hasOwn(result, key) ? result[key] : undefined;
    const found = laneParts(laneType, Array.isArray(value) ? value : [value]);
    return found.map((part, index) => {
      const label = found.length > 1 ? `${key} ${index + 1}` : key;
      return { key: `${key}/${index}`, label, ...part };
    });
  });
  if (parts.length === 1) return parts.map(({ label, ...part }) => part);
  return parts;
}

/** What a later question is sent as this answer's text: of documents their names only. */
export function answerText(result: PipelineResult): string {
  return answerParts(result)
    .map((part) => (part.kind === 'documents' ? sourceNames(part.documents) : part.text))
    .join('\n\n');
}

function laneParts(laneType: string, values: readonly unknown[]): PartContent[] {
  switch (laneType) {
    case 'documents':
      return documentsPart(values);
    case 'audio':
    case 'video':
      return mediaParts(laneType, values);
    default:
      return values.flatMap((value) => valuePart(value, laneType) ?? []);
  }
}

function valuePart(value: unknown, laneType: string): PartContent | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') {
    if (value.trim() === '') return undefined;
    return { kind: 'markdown', text: laneType === 'table' ? tableMarkdown(value) : value };
  }
  if (laneType === 'image') return imagePart(value);
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
