import * as z from 'zod/mini';
import type { Pipeline } from './pipeline.ts';

const chatConfig = z.looseObject({ parameters: z.looseObject({ persistSessions: z.boolean() }) });

/** Whether the chat node asks for its chats to be saved; undefined when the file does not say. */
export function persistSessions(pipeline: Pipeline, sourceId: string): boolean | undefined {
  const source = pipeline.components.find((node) => node.id === sourceId);
  const config = chatConfig.safeParse(source?.config);
  return config.success ? config.data.parameters.persistSessions : undefined;
}
