import * as vscode from 'vscode';
import { pipelineKey } from '../pipelines/pipelineId.ts';
import { readPipeline } from './pipelineFile.ts';

/**
 * What the chats of a pipeline file are kept under; without an id that is its path, which means something within one
 * chat folder only. @throws ChatError `pipeline-invalid` for a file that can't be read.
 */
export async function readPipelineKey(file: vscode.Uri): Promise<{ readonly key: string; readonly hasId: boolean }> {
  const pipeline = await readPipeline(file);
  return {
    key: pipelineKey(pipeline, vscode.workspace.asRelativePath(file, false)),
    hasId: pipeline.projectId !== undefined,
  };
}
