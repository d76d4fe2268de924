import * as vscode from 'vscode';
import type { Finding, StoreReport } from '../chats/check/checkStore.ts';
import { type RepairResult, repairStore } from '../chats/check/repairStore.ts';
import type { ChatPlace, ChatStores } from './chatStores.ts';
import { markdownText } from './markdownText.ts';
import { shownNumber } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';

export interface Checked {
  readonly place: ChatPlace;
  readonly report: StoreReport;
}

interface Repaired {
  readonly place: ChatPlace;
  readonly result: RepairResult;
}

/** Mends what was found, tells what came of it and where the old bytes are. */
export async function repairChats(
  { reports, now, stores }: StorageServices,
  checked: readonly Checked[],
): Promise<void> {
  const repaired = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Repairing saved chats') },
    async () => {
      const results: Repaired[] = [];
      for (const { place, report } of checked) {
        results.push({ place, result: await repairStore(place.store, report, { now }) });
      }
      return results;
    },
  );
  const failedCount = repaired.reduce((sum, { result }) => sum + result.failed.length, 0);
  const message = repairVerdict(repaired, failedCount);
  const showReport = vscode.l10n.t('Show Report');
  const show = failedCount > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  if ((await show(message, showReport)) === showReport) {
    await reports.show(vscode.l10n.t('Repaired Chats'), repairMarkdown(stores, repaired));
  }
}

function repairVerdict(repaired: readonly Repaired[], failedCount: number): string {
  const count = repaired.reduce((sum, { result }) => sum + result.repaired.length, 0);
  const backups = repaired.flatMap((one) => backupOf(one) ?? []).join(', ');
  return [
    count === 1
      ? vscode.l10n.t('1 thing was repaired.')
      : vscode.l10n.t('{0} things were repaired.', shownNumber(count)),
    ...(failedCount > 0 ? [vscode.l10n.t('{0} could not be repaired.', shownNumber(failedCount))] : []),
    ...(backups === '' ? [] : [vscode.l10n.t('What was there before is in {0}.', backups)]),
  ].join(' ');
}

function repairMarkdown(stores: ChatStores, repaired: readonly Repaired[]): string {
  const line = ({ message, path }: Finding) => `- ${markdownText(message)} (\`${path}\`)`;
  const lines = repaired.flatMap((one) => {
    const { place, result } = one;
    const backup = backupOf(one);
    if (result.repaired.length + result.failed.length === 0) return [];
    return [
      `# ${markdownText(stores.placeOf(place.store))}`,
      ...(backup === undefined ? [] : [vscode.l10n.t('What was there before is in `{0}`.', backup)]),
      ...section(vscode.l10n.t('Repaired'), result.repaired.map(line)),
      ...section(
        vscode.l10n.t('Could not be repaired'),
        result.failed.map(({ finding, reason }) => `${line(finding)}: ${markdownText(reason)}`),
      ),
    ];
  });
  return `${lines.join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')];
}

function backupOf({ place, result }: Repaired): string | undefined {
  if (result.backup === undefined) return undefined;
  // On a server there is no path to look at, only one to ask for.
  if (!place.root) return `${place.store.files.location}/${result.backup}`;
  return vscode.workspace.asRelativePath(vscode.Uri.joinPath(place.root, result.backup), false);
}
