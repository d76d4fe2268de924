import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';

export interface LongWork {
  readonly signal: AbortSignal;
  readonly onProgress: (doneCount: number, totalCount: number) => void;
}

/** Does long work while a notification says how far it is and offers to stop it. undefined when the user did that. */
export function withAbort<T>(title: string, work: (options: LongWork) => Promise<T>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(
    vscode.window.withProgress(options, async (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const onProgress = (doneCount: number, totalCount: number) =>
        progress.report({ message: vscode.l10n.t('{0} of {1}', doneCount, totalCount), increment: 100 / totalCount });
      try {
        return await work({ signal: controller.signal, onProgress });
      } catch (error) {
        if (controller.signal.aborted && ChatError.from(error).code === 'stopped') return undefined;
        throw error;
      }
    }),
  );
}
