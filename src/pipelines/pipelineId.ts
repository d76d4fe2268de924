import type { Pipeline } from './pipeline.ts';

/**
 * The key that the chats of a pipeline are kept under: its `project_id`, else its path in the workspace,
 * with forward slashes on every system.
 */
export function pipelineKey(pipeline: Pipeline, relativePath: string): string {
  return pipeline.projectId ?? relativePath.replaceAll('\\', '/');
}
