import * as vscode from 'vscode';

const MOST = 1000;

/** Every file that may be a pipeline; a change of one is a change of what `findPipelines` finds. */
export const PIPELINE_GLOB = '**/*.{pipe,pipe.json}';

/** The pipeline files of the workspace, by path. Empty when VS Code can't search, which the log tells. */
export async function findPipelines(log: vscode.LogOutputChannel): Promise<vscode.Uri[]> {
  try {
    const files = await vscode.workspace.findFiles(PIPELINE_GLOB, '**/node_modules/**', MOST);
    return files.sort((a, b) => a.path.localeCompare(b.path));
  } catch (error) {
    log.error('VS Code could not search the workspace for pipelines.', error);
    return [];
  }
}
