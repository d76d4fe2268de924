import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import { findText, scrub, type TextPlaces } from '../chats/scrub/scrubChats.ts';
import { isThere } from './chatPlacePicks.ts';
import { shownTitle } from './chatSummary.ts';
import { confirm } from './confirm.ts';
import { pickChat } from './findChat.ts';
import { markdownText } from './markdownText.ts';
import type { Reports } from './reports.ts';
import { shownNumber } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';
import { nodeOf } from './treeNodes.ts';

interface Where {
  readonly stores: readonly ChatStore[];
  /** Without it all that lies there. */
  readonly ids?: readonly string[];
}

/** Takes a text, a secret say, out of what is saved of chats. The text itself is in no log and no message. */
export async function removeText(services: StorageServices, argument?: unknown): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Remove Text from Chats'),
    placeHolder: vscode.l10n.t('The text, in upper and lower case as it stands there'),
    prompt: vscode.l10n.t('“[removed]” will stand in its place.'),
    ignoreFocusOut: true,
  });
  if (text === undefined || text === '') return;
  const where = await pickWhere(services, argument);
  if (!where) return;
  const found = await inAll(vscode.l10n.t('Looking for the text'), where, (store) => findText(store, text, where.ids));
  if (found.placeCount > 0) {
    const question = vscode.l10n.t('Remove this text from {0}?', shownPlaces(found));
    const detail = vscode.l10n.t(
      'Backups and deleted chats are cleaned as well, and nothing brings the text back. What was sent to a model or committed to git stays there.',
    );
    if (!(await confirm(question, detail, vscode.l10n.t('Remove')))) return;
  } else if (found.keptCount + found.refused.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This text stands nowhere in what was searched.'));
    return;
  }
  const { now, reports } = services;
  const { ids } = where;
  const removed = await inAll(vscode.l10n.t('Removing the text'), where, (store) =>
    scrub(store, text, { now, ...(ids ? { ids } : {}) }),
  );
  await tell(reports, removed);
}

async function pickWhere(services: StorageServices, argument: unknown): Promise<Where | undefined> {
  const { panels, stores, tree } = services;
  const title = vscode.l10n.t('Remove it from where?');
  const givenId = nodeOf(argument, 'chat')?.chat.chatId ?? panels.active?.chatId;
  const given = givenId === undefined ? undefined : await stores.find(givenId);
  const all = { label: vscode.l10n.t('All chats'), description: vscode.l10n.t('and backups and deleted chats') };
  const other = { label: vscode.l10n.t('Another chat…') };
  const picked = await vscode.window.showQuickPick(
    [...(given ? [{ label: vscode.l10n.t('This chat'), description: shownTitle(given.entry) }] : []), all, other],
    { title },
  );
  if (!picked) return undefined;
  if (picked === all) {
    const places = await stores.places();
    const there = await Promise.all(places.map(async (place) => ((await isThere(place)) ? [place.store] : [])));
    return { stores: there.flat() };
  }
  const chatId = picked === other ? (await pickChat(tree, title))?.chat.chatId : givenId;
  const found = chatId === undefined ? undefined : await stores.find(chatId);
  return found && { stores: [found.store], ids: [found.entry.guid] };
}

function inAll(title: string, { stores }: Where, work: (store: ChatStore) => Promise<TextPlaces>): Promise<TextPlaces> {
  return Promise.resolve(
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async () => {
      const all: TextPlaces[] = [];
      for (const store of stores) all.push(await work(store));
      const sum = (count: (one: TextPlaces) => number) => all.reduce((total, one) => total + count(one), 0);
      return {
        placeCount: sum((one) => one.placeCount),
        fileCount: sum((one) => one.fileCount),
        keptCount: sum((one) => one.keptCount),
        refused: all.flatMap((one) => one.refused),
      };
    }),
  );
}

async function tell(reports: Reports, { placeCount, fileCount, keptCount, refused }: TextPlaces): Promise<void> {
  const left = [
    ...(keptCount > 0
      ? [vscode.l10n.t('{0} more are ids or words of the format and stay.', shownNumber(keptCount))]
      : []),
    ...(refused.length > 0 ? [vscode.l10n.t('{0} could not be cleaned.', shownNumber(refused.length))] : []),
  ];
  const message = [vscode.l10n.t('Removed from {0}.', shownPlaces({ placeCount, fileCount })), ...left].join(' ');
  if (refused.length === 0) {
    void vscode.window.showInformationMessage(message);
    return;
  }
  const showReport = vscode.l10n.t('Show Report');
  if ((await vscode.window.showWarningMessage(message, showReport)) !== showReport) return;
  const lines = refused.map(({ name, reason }) => `- **${markdownText(name)}**: ${markdownText(reason)}`);
  await reports.show(
    vscode.l10n.t('Removed Text'),
    [`# ${vscode.l10n.t('The text may still be here')}`, '', ...lines, ''].join('\n'),
  );
}

function shownPlaces({ placeCount, fileCount }: Pick<TextPlaces, 'placeCount' | 'fileCount'>): string {
  const places = placeCount === 1 ? vscode.l10n.t('1 place') : vscode.l10n.t('{0} places', shownNumber(placeCount));
  return fileCount === 1
    ? vscode.l10n.t('{0} in 1 file', places)
    : vscode.l10n.t('{0} in {1} files', places, shownNumber(fileCount));
}
