import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import { findPipelines } from './findPipelines.ts';
import { pipelineName } from './pipelineFile.ts';

/** Lets the user choose a pipeline of this window; does not ask when there is one. @throws ChatError `not-found` without any. */
export async function pickPipeline(log: vscode.LogOutputChannel): Promise<vscode.Uri | undefined> {
  const files = await findPipelines(log);
  if (files.length === 0) {
    throw new ChatError('not-found', 'There is no pipeline file (*.pipe) in this window. Open a folder that has one.');
  }
  if (files.length === 1) return files[0];
  const picked = await vscode.window.showQuickPick(
    files.map((file) => ({ label: pipelineName(file), description: vscode.workspace.asRelativePath(file), file })),
    { title: vscode.l10n.t('Chat with which pipeline?') },
  );
  return picked?.file;
}
