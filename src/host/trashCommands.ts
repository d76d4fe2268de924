import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatStores, TrashedEntry } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { confirm } from './confirm.ts';
import { shownTime } from './shownTime.ts';
import { nodeOf, selectedNodes } from './treeNodes.ts';

/** What can be done with deleted chats. */
export function trashCommands({ stores }: { readonly stores: ChatStores }) {
  const restoreChat = async (argument?: unknown, selection?: unknown) => {
    const rows = selectedNodes(argument, selection).flatMap((row) => nodeOf(row, 'trashed') ?? []);
    const picked = rows.length > 0 ? undefined : await pickTrashed(stores, vscode.l10n.t('Restore Chat'));
    for (const [store, found] of Map.groupBy(picked ? [picked] : rows, (trashed) => trashed.store)) {
      await store.trash.restore(...found.map(({ chat }) => chat.name));
    }
  };
  const purgeChat = async (argument?: unknown) => {
    const found = nodeOf(argument, 'trashed') ?? (await pickTrashed(stores, vscode.l10n.t('Delete Permanently')));
    if (!found) return;
    const title = shownTitle(found.chat.entry);
    const question = vscode.l10n.t('Delete “{0}” permanently?', title);
    if (await confirm(question, noWayBack(), vscode.l10n.t('Delete Permanently'))) {
      await found.store.trash.purge(found.chat.name);
    }
  };
  const emptyTrash = async () => {
    const all = await stores.trashed();
    if (all.length === 0) throw nothingDeleted();
    const question =
      all.length === 1
        ? vscode.l10n.t('Delete the 1 chat in Recently Deleted permanently?')
        : vscode.l10n.t('Delete the {0} chats in Recently Deleted permanently?', all.length);
    if (!(await confirm(question, noWayBack(), vscode.l10n.t('Delete Permanently')))) return;
    for (const [store, found] of Map.groupBy(all, (trashed) => trashed.store)) {
      await store.trash.purge(...found.map(({ chat }) => chat.name));
    }
  };

  return {
    'pipelineChat.restoreChat': restoreChat,
    'pipelineChat.purgeChat': purgeChat,
    'pipelineChat.emptyTrash': emptyTrash,
  };
}

async function pickTrashed(stores: ChatStores, title: string): Promise<TrashedEntry | undefined> {
  const items = (await stores.trashed()).map((found) => ({
    label: shownTitle(found.chat.entry),
    description: shownTime(found.chat.deleted),
    detail: found.chat.entry.preview,
    found,
  }));
  if (items.length === 0) throw nothingDeleted();
  return (await vscode.window.showQuickPick(items, { title, matchOnDetail: true }))?.found;
}

function noWayBack(): string {
  return vscode.l10n.t("This can't be undone.");
}

function nothingDeleted(): ChatError {
  return new ChatError('not-found', 'Recently Deleted is empty.');
}
