import * as vscode from 'vscode';
import { checkStore, type StoreReport } from '../chats/check/checkStore.ts';
import { reportMarkdown } from '../chats/check/reportText.ts';
import { isThere } from './chatPlacePicks.ts';
import { shownTitle } from './chatSummary.ts';
import { noChats } from './findChat.ts';
import { markdownText } from './markdownText.ts';
import { type Checked, repairChats } from './repairChats.ts';
import { shownBytes, shownChats, shownNumber, shownTurns } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';
import { type LongWork, withAbort } from './withAbort.ts';

/** Looks through every chat of this window, tells what is wrong, and mends it if the user says so. */
export async function checkChats(services: StorageServices): Promise<void> {
  const checked = await withAbort(vscode.l10n.t('Checking saved chats'), (options) => checkAll(services, options));
  if (!checked) return;
  if (checked.length === 0) throw noChats();
  const message = verdict(checked.map(({ report }) => report));
  const findings = checked.flatMap(({ report }) => report.findings);
  if (findings.length === 0) {
    void vscode.window.showInformationMessage(message);
    return;
  }
  const repair = vscode.l10n.t('Repair');
  const showReport = vscode.l10n.t('Show Report');
  const canRepair = findings.some((finding) => finding.canRepair);
  if (!canRepair) {
    const answer = await vscode.window.showInformationMessage(message, showReport);
    if (answer === showReport) await showChecked(services, checked);
    return;
  }
  const ask = () => vscode.window.showWarningMessage(message, repair, showReport);
  let answer = await ask();
  while (answer === showReport) {
    await showChecked(services, checked);
    // Who has read the report may want the repair.
    answer = await ask();
  }
  if (answer === repair) await repairChats(services, checked);
}

async function checkAll({ stores }: StorageServices, options: LongWork): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const place of await stores.places()) {
    if (await isThere(place)) checked.push({ place, report: await checkStore(place.store, options) });
  }
  return checked;
}

function verdict(reports: readonly StoreReport[]): string {
  const sum = (count: (report: StoreReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const counts = vscode.l10n.t(
    '{0}, {1}, {2}',
    shownChats(sum(({ chatCount }) => chatCount)),
    shownTurns(sum(({ turnCount }) => turnCount)),
    shownBytes(sum(({ byteCount }) => byteCount)),
  );
  const toRepair = sum(({ findings }) => findings.filter(({ canRepair }) => canRepair).length);
  const toKnow = sum(({ findings }) => findings.length) - toRepair;
  if (toRepair === 0 && toKnow === 0) return vscode.l10n.t('{0}: everything is in order.', counts);
  if (toRepair === 0) return vscode.l10n.t('{0}: nothing to repair, {1} to know.', counts, shownThings(toKnow));
  const things = shownThings(toRepair);
  return toKnow === 0
    ? vscode.l10n.t('{0}: {1} to repair. Repairing makes a backup first.', counts, things)
    : vscode.l10n.t(
        '{0}: {1} to repair, {2} to know. Repairing makes a backup first.',
        counts,
        things,
        shownNumber(toKnow),
      );
}

async function showChecked({ reports, stores }: StorageServices, checked: readonly Checked[]): Promise<void> {
  const texts = await Promise.all(
    checked.map(async ({ place, report }) => {
      const entries = await place.store.list();
      const text = reportMarkdown(report, new Map(entries.map((entry) => [entry.guid, shownTitle(entry)])));
      return checked.length > 1
        ? text.replace(/^# .*$/m, () => `# ${markdownText(stores.placeOf(place.store))}`)
        : text;
    }),
  );
  await reports.show(vscode.l10n.t('Saved Chats'), texts.join('\n'));
}

function shownThings(count: number): string {
  return count === 1 ? vscode.l10n.t('1 thing') : vscode.l10n.t('{0} things', shownNumber(count));
}
