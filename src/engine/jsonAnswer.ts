import { ChatError } from '../protocol/chatError.ts';
import type { ModelAccess } from './streamModel.ts';

/** The JSON value in an answer, with or without a code fence around it. @throws ChatError `model-error` without one. */
export function jsonAnswer(text: string, { model, shownUrl }: Pick<ModelAccess, 'model' | 'shownUrl'>): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)?.[1];
  try {
    return JSON.parse(fenced ?? text);
  } catch (cause) {
    throw new ChatError(
      'model-error',
      `"${model}" at ${shownUrl} was asked for JSON and answered with something else.`,
      {
        cause,
      },
    );
  }
}
