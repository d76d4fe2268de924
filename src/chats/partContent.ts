import type { AnswerPart } from '../protocol/model.ts';

type WithoutPlace<Part> = Part extends AnswerPart ? Omit<Part, 'key' | 'label'> : never;

/** What is shown of a value, without its place in the answer. */
export type PartContent = WithoutPlace<AnswerPart>;
