import * as vscode from 'vscode';
import { renamedKey } from './chatOrphans.ts';
import type { ChatStores } from './chatStores.ts';
import { type GivenChats, giveChats } from './givenChats.ts';
import { isPipelineUri } from './pipelineFile.ts';
import { readPipelineKey } from './readPipelineKey.ts';
import { showError } from './showError.ts';
import { shownChats } from './shownCounts.ts';

/** Takes the chats along that are kept under the path of a pipeline when VS Code renames it or a folder above it. */
export function followRenames(stores: ChatStores, log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.workspace.onDidRenameFiles(async ({ files }) => {
    try {
      const found = await Promise.all(files.map(({ oldUri, newUri }) => chatsToTake(stores, oldUri, newUri)));
      const given = found.flat();
      const count = given.reduce((sum, { chats }) => sum + chats.length, 0);
      const [first] = given;
      if (!first) return;
      const message =
        given.length === 1
          ? vscode.l10n.t('{0} came along to {1}.', shownChats(count), first.to)
          : vscode.l10n.t('{0} came along with {1} pipelines.', shownChats(count), given.length);
      await giveChats(given, message);
    } catch (error) {
      void showError('The chats of a renamed pipeline could not be taken along.', error, log);
    }
  });
}

async function chatsToTake(stores: ChatStores, oldUri: vscode.Uri, newUri: vscode.Uri): Promise<GivenChats[]> {
  const { chats } = await stores.list();
  const given: GivenChats[] = [];
  for (const [from, found] of Map.groupBy(chats, ({ entry }) => entry.pipeline_id)) {
    const to = renamedKey(from, relative(oldUri), relative(newUri));
    if (to === undefined) continue;
    const file = vscode.Uri.joinPath(newUri, to.slice(relative(newUri).length));
    if (!isPipelineUri(file) || (await hasId(file))) continue;
    // A path says which pipeline is meant only within one chat folder.
    const home = await stores.forPipeline(file);
    const here = found.filter(({ store }) => store === home);
    if (here.length > 0) given.push({ chats: here, from, to });
  }
  return given;
}

async function hasId(file: vscode.Uri): Promise<boolean> {
  try {
    return (await readPipelineKey(file)).hasId;
  } catch {
    // Not a pipeline (yet): it is known by its path.
    return false;
  }
}

function relative(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri, false).normalize();
}
