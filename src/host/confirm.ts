import * as vscode from 'vscode';

/** Asks in a modal dialog before something happens. */
export async function confirm(question: string, detail: string, verb: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, verb)) === verb;
}
