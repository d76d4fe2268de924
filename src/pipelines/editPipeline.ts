import { ChatError } from '../protocol/chatError.ts';
import { parsePipeline } from './parsePipeline.ts';
import { setJsonValue } from './setJsonValue.ts';

/**
 * The text of the pipeline with `persistSessions` of the chat node set; all else stays byte for byte.
 * @throws ChatError `pipeline-invalid` for a text that is no pipeline or has no such node.
 */
export function withPersistSessions(text: string, sourceId: string, value: boolean): string {
  const pipeline = parsePipeline(text);
  const index = pipeline.components.findIndex((node) => node.id === sourceId);
  if (index < 0) {
    throw new ChatError('pipeline-invalid', `The pipeline has no node "${sourceId}" (any more). Reload the pipeline.`);
  }
  const path = ['components', index, 'config', 'parameters', 'persistSessions'];
  return setJsonValue(text, pipeline.isWrapped ? ['pipeline', ...path] : path, value);
}

/**
 * The text of the pipeline with its `project_id` set; all else stays byte for byte.
 * @throws ChatError `pipeline-invalid` for a text that is no pipeline.
 */
export function withProjectId(text: string, id: string): string {
  const pipeline = parsePipeline(text);
  return setJsonValue(text, pipeline.isWrapped ? ['pipeline', 'project_id'] : ['project_id'], id);
}
