// Transcripts hold these by the ten thousand: the whole zod compiles its schemas, which zod/mini does not.
import * as z from 'zod';
import { chatId } from './chatId.ts';

export const historyMessage = z.object({ role: z.enum(['user', 'assistant', 'system']), content: z.string() });
export type HistoryMessage = z.infer<typeof historyMessage>;

/** RocketRide's Question as it goes over the wire and lies in a transcript; keys that we do not know are kept. */
export const question = z.looseObject({
  type: z.string(),
  filter: z.optional(z.looseObject({})),
  expectJson: z.optional(z.boolean()),
  role: z.optional(z.string()),
  instructions: z.optional(z.array(z.looseObject({ subtitle: z.string(), instructions: z.string() }))),
  history: z.optional(z.array(historyMessage)),
  examples: z.optional(z.array(z.looseObject({ given: z.string(), result: z.string() }))),
  context: z.optional(z.array(z.string())),
  goals: z.optional(z.array(z.string())),
  documents: z.optional(z.array(z.looseObject({}))),
  questions: z.array(z.looseObject({ text: z.string() })),
  chat_id: z.optional(z.nullable(chatId)),
});
export type Question = z.infer<typeof question>;

/** A question with the SDKs' defaults, in their key order. @throws when `chatId` is no UUID. */
export function makeQuestion(text: string, options: { chatId: string; history?: HistoryMessage[] }): Question {
  return question.parse({
    type: 'prompt',
    filter: {
      fullTables: false,
      fullDocuments: false,
      offset: 0,
      limit: 25,
      useQuickRank: false,
      useGroupRank: false,
      followUpQuestions: 5,
      context: false,
    },
    expectJson: false,
    role: '',
    instructions: [],
    history: options.history ?? [],
    examples: [],
    context: [],
    goals: [],
    documents: [],
    questions: [{ text }],
    chat_id: options.chatId,
  });
}

/** A question as far as readers of a transcript have to know it; whatever else it holds is kept. */
export const askedQuestion = z.looseObject({ questions: z.array(z.looseObject({ text: z.string() })) });
export type AskedQuestion = z.infer<typeof askedQuestion>;

/** The text a person asked: the last text of the question, as the SDKs preview it. */
export function questionText(value: AskedQuestion): string {
  return value.questions.at(-1)?.text ?? '';
}

/** PIPELINE_RESULT: `result_types` maps a key of this object to the type of its lane. Other keys are the values. */
export const pipelineResult = z.looseObject({
  name: z.optional(z.string()),
  path: z.optional(z.string()),
  objectId: z.optional(z.string()),
  result_types: z.optional(z.record(z.string(), z.string())),
});
export type PipelineResult = z.infer<typeof pipelineResult>;
