import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';

/** Logs what went wrong with a command, and shows it as one notification with the way to the log. */
export async function showError(what: string, error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.error(what, error);
  const showLog = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(ChatError.from(error).message, showLog)) === showLog) log.show();
}
