import type { Pipeline } from './pipeline.ts';

/**
 * The key that the chats of a pipeline are kept under: its `project_id`, else its path in the workspace,
 * with forward slashes and accents composed on every system (macOS may tell them as letters of their own).
 */
export function pipelineKey(pipeline: Pipeline, relativePath: string): string {
  return pipeline.projectId ?? relativePath.replaceAll('\\', '/').normalize('NFC');
}
