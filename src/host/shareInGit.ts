import * as vscode from 'vscode';
import { isSharedInGit, keepOutOfGit, shareInGit } from '../chats/gitSharing.ts';
import { isThere, pickPlace } from './chatPlacePicks.ts';
import type { StorageServices } from './storageServices.ts';

/** Lets git see the chats of a folder, once the user knows who will read them. */
export async function shareChatsInGit({ stores }: StorageServices): Promise<void> {
  const place = await pickPlace(
    stores,
    vscode.l10n.t('Share which chats in git?'),
    async (each) => each.kind === 'workspace' && (await isThere(each)),
  );
  if (!place?.root) return;
  const { files } = place.store;
  if (await isSharedInGit(files)) {
    // Written anew all the same: a line may be missing.
    await shareInGit(files);
    void vscode.window.showInformationMessage(vscode.l10n.t('These chats are shared in git already.'));
    return;
  }
  const share = vscode.l10n.t('Share');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Share the chats of this folder in git?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Chats are plain text: everybody who can read the repository can read every question and answer in {0}, now and in its history.',
        vscode.workspace.asRelativePath(place.root, false),
      ),
    },
    share,
  );
  if (answer !== share) return;
  await shareInGit(files);
  const message = vscode.l10n.t(
    'Git sees the chats in {0} now. Commit them to share them; chats that two people went on with are merged.',
    vscode.workspace.asRelativePath(place.root, false),
  );
  void vscode.window.showInformationMessage(message);
}

export async function keepChatsOutOfGit({ stores }: StorageServices): Promise<void> {
  const place = await pickPlace(
    stores,
    vscode.l10n.t('Keep which chats out of git?'),
    async (each) => each.kind === 'workspace' && (await isThere(each)),
  );
  if (!place?.root) return;
  await keepOutOfGit(place.store.files);
  const path = vscode.workspace.asRelativePath(place.root, false);
  const message = vscode.l10n.t(
    'Git does not see new chats in {0} any more. What was committed stays so until you run: git rm -r --cached {0}',
    path,
  );
  void vscode.window.showInformationMessage(message);
}
