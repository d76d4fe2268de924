import * as vscode from 'vscode';
import { isThere, pickPlace } from './chatPlacePicks.ts';
import type { StorageServices } from './storageServices.ts';

/** Shows a chat folder where the user can look at its files. */
export async function revealStorage({ stores }: StorageServices): Promise<void> {
  const place = await pickPlace(
    stores,
    vscode.l10n.t('Reveal which chats?'),
    async (each) => each.root !== undefined && (await isThere(each)),
  );
  if (!place?.root) return;
  const isOnThisMachine = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (isOnThisMachine) {
    await vscode.commands.executeCommand('revealFileInOS', place.root);
  } else if (vscode.workspace.getWorkspaceFolder(place.root)) {
    await vscode.commands.executeCommand('revealInExplorer', place.root);
  } else {
    // VS Code has no view of such a folder.
    const { location } = place.store.files;
    const copy = vscode.l10n.t('Copy Path');
    const message = vscode.l10n.t('The chats lie in {0}.', location);
    if ((await vscode.window.showInformationMessage(message, copy)) === copy) {
      await vscode.env.clipboard.writeText(location);
    }
  }
}
