import * as vscode from 'vscode';

const CHATS = '.chats';

/**
 * The `.chats` folder that a pipeline's chats belong to: the nearest one at or above the file inside its workspace
 * folder, or above that up to the root of the repository; else one to be made in the workspace folder. A pipeline
 * outside any folder has its chats in the user's own storage.
 */
export async function chatsRootFor(file: vscode.Uri, userStorage: vscode.Uri): Promise<vscode.Uri> {
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(file);
  if (!workspaceFolder) return vscode.Uri.joinPath(userStorage, CHATS);
  const existing = await nearestChats(vscode.Uri.joinPath(file, '..'), workspaceFolder.uri);
  return existing ?? vscode.Uri.joinPath(workspaceFolder.uri, CHATS);
}

/** The nearest existing `.chats` from `start` up. */
export async function nearestChats(start: vscode.Uri, workspaceFolder: vscode.Uri): Promise<vscode.Uri | undefined> {
  let isAboveWorkspace = false;
  let found: vscode.Uri | undefined;
  for (let folder = start; ; folder = vscode.Uri.joinPath(folder, '..')) {
    const chats = vscode.Uri.joinPath(folder, CHATS);
    if (!found && (await exists(chats))) {
      if (!isAboveWorkspace) return chats;
      found = chats;
    }
    if (folder.path === workspaceFolder.path) isAboveWorkspace = true;
    // What lies above the workspace counts only inside the same repository.
    if (isAboveWorkspace && (await exists(vscode.Uri.joinPath(folder, '.git')))) return found;
    if (folder.path === '/' || folder.path === vscode.Uri.joinPath(folder, '..').path) return undefined;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    // Missing, or not to be seen: then it is not the place either way.
    return false;
  }
}
