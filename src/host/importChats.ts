import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import { type ImportResult, importTranscript, importTree } from '../chats/copy/importChats.ts';
import { readHeader } from '../chats/readTranscript.ts';
import { ChatError } from '../protocol/chatError.ts';
import { activePipeline } from './chatTree.ts';
import { MISSING_PIPELINE } from './findChat.ts';
import { markdownText } from './markdownText.ts';
import { pickPipeline } from './pickPipeline.ts';
import { quotedTitle } from './quotedTitle.ts';
import { readPipelineKey } from './readPipelineKey.ts';
import { shownChats, shownTurns } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';
import { withAbort } from './withAbort.ts';

/**
 * Copies chats from elsewhere to those of this window.
 * @param argument the folder, or the transcript; asked for when it is not given
 */
export async function importChats(services: StorageServices, argument?: unknown): Promise<void> {
  const source = argument instanceof vscode.Uri ? argument : await pickSource();
  if (!source) return;
  const isFolder = ((await vscode.workspace.fs.stat(source)).type & vscode.FileType.Directory) !== 0;
  const result = await (isFolder ? importFolder(services, source) : importFile(services, source));
  if (!result) return;
  await tell(services, result);
}

async function pickSource(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('A folder of chats'),
        detail: vscode.l10n.t('A .chats folder, or the folder that it lies in'),
        isFolder: true,
      },
      { label: vscode.l10n.t('One transcript'), detail: vscode.l10n.t('A chat.jsonl file'), isFolder: false },
    ],
    { title: vscode.l10n.t('Import what?') },
  );
  if (!picked) return undefined;
  const [source] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: picked.isFolder,
      canSelectFiles: !picked.isFolder,
      title: vscode.l10n.t('Import Chats'),
      openLabel: vscode.l10n.t('Import'),
      ...(picked.isFolder ? {} : { filters: { [vscode.l10n.t('Transcripts')]: ['jsonl'] } }),
    })) ?? [];
  return source;
}

/** Every chat stays with the pipeline that it names. */
async function importFolder(services: StorageServices, root: vscode.Uri) {
  const target = await targetStore(services, currentPipeline(services));
  const source = services.openFiles(root);
  const places = [root, vscode.Uri.joinPath(root, '.chats')].map((uri) => services.openFiles(uri).location);
  if (places.includes(target.files.location)) {
    throw new ChatError('invalid', 'These are the chats of this window. Choose a folder with other ones.');
  }
  const { newId, now } = services;
  return withAbort(vscode.l10n.t('Importing chats'), (work) => importTree(source, target, { newId, now, ...work }));
}

/** A chat of a pipeline that is not in this window goes to the one that the user is at. */
async function importFile(services: StorageServices, file: vscode.Uri) {
  const folder = vscode.Uri.joinPath(file, '..');
  const source = services.openFiles(folder);
  const name = file.path.slice(folder.path.length).replace(/^\//, '');
  const own = (await readHeader(source, name))?.pipeline_id;
  const [known] = own === undefined ? [] : await services.index.filesOf(own);
  const pipeline = known ?? currentPipeline(services) ?? (await pickPipeline(services.log));
  if (!pipeline) return undefined;
  const pipelineId = known ? undefined : (await readPipelineKey(pipeline)).key;
  const target = await targetStore(services, pipeline);
  const { newId, now } = services;
  return importTranscript(name, source, name, target, { newId, now, pipelineId });
}

/** The one that the user is at. */
function currentPipeline({ panels }: StorageServices): vscode.Uri | undefined {
  const inPanel = panels.active?.pipelineUri;
  return activePipeline() ?? (inPanel?.toString() === MISSING_PIPELINE.toString() ? undefined : inPanel);
}

/** Where the chats of the pipeline lie; without one, those of the first folder. */
async function targetStore({ stores }: StorageServices, pipeline: vscode.Uri | undefined): Promise<ChatStore> {
  if (pipeline) return stores.forPipeline(pipeline);
  const places = await stores.places();
  const place = places.find(({ kind }) => kind === 'workspace') ?? places[0];
  if (!place) throw new ChatError('invalid', 'Open a folder first: chats are kept beside the pipelines of a folder.');
  return place.store;
}

async function tell({ reports }: StorageServices, result: ImportResult): Promise<void> {
  const { imported, refused } = result;
  const came = vscode.l10n.t('{0} imported.', shownChats(imported.length));
  const [only] = refused;
  if (!only) {
    void vscode.window.showInformationMessage(came);
    return;
  }
  if (refused.length === 1) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{0} {1} was refused: {2}', came, quotedTitle(only.name), only.reason),
    );
    return;
  }
  const showReport = vscode.l10n.t('Show Report');
  const message = vscode.l10n.t('{0} {1} were refused.', came, shownChats(refused.length));
  if ((await vscode.window.showWarningMessage(message, showReport)) !== showReport) return;
  await reports.show(vscode.l10n.t('Imported Chats'), importMarkdown(result));
}

function importMarkdown({ imported, refused }: ImportResult): string {
  return [
    `# ${vscode.l10n.t('Imported Chats')}`,
    '',
    `## ${vscode.l10n.t('Refused')}`,
    '',
    ...refused.map(({ name, reason }) => `- **${markdownText(name)}**: ${markdownText(reason)}`),
    '',
    `## ${vscode.l10n.t('Imported')}`,
    '',
    ...imported.map(({ title, turnCount }) => `- ${markdownText(title)} (${shownTurns(turnCount)})`),
    '',
  ].join('\n');
}
