import * as vscode from 'vscode';
import type { ChatSummary } from '../protocol/model.ts';
import type { ChatDeletion } from './chatDeletion.ts';
import { shownTitle } from './chatSummary.ts';
import { confirm } from './confirm.ts';
import { type ChatChoice, findChat, findChats, MISSING_PIPELINE, noChats, pickChat } from './findChat.ts';
import { readSettings } from './settings.ts';
import { nodeOf } from './treeNodes.ts';

export interface ChatCommandServices extends ChatChoice {
  readonly deletion: ChatDeletion;
}

/** What can be done with saved chats. */
export function chatCommands(services: ChatCommandServices) {
  const { panels, stores, deletion, tree } = services;
  const openChat = async (argument?: unknown) => {
    const node = nodeOf(argument, 'chat') ?? (await pickChat(tree, vscode.l10n.t('Open Chat')));
    if (node) await panels.open(node.file ?? MISSING_PIPELINE, node.chat.chatId);
  };
  const renameChat = async (argument?: unknown) => {
    const found = await findChat(services, argument, vscode.l10n.t('Rename Chat'));
    if (!found) return;
    const before = shownTitle(found.entry);
    const title = await vscode.window.showInputBox({ title: vscode.l10n.t('Rename Chat'), value: before });
    if (title !== undefined && title.trim() !== before) await found.store.update(found.entry.guid, { title });
  };
  const deleteChat = async (argument?: unknown, selection?: unknown) => {
    const found = await findChats(services, argument, selection, vscode.l10n.t('Delete Chat'));
    if (found.length > 0) await deletion.delete(found);
  };
  const deleteAllChats = async (argument?: unknown) => {
    const pipeline = nodeOf(argument, 'pipeline');
    const { chats } = await stores.list();
    const doomed = pipeline ? chats.filter(({ entry }) => entry.pipeline_id === pipeline.key) : chats;
    if (doomed.length === 0) throw noChats();
    const where = pipeline?.name ?? vscode.l10n.t('this window');
    const question =
      doomed.length === 1
        ? vscode.l10n.t('Delete the only chat of {0}?', where)
        : vscode.l10n.t('Delete all {0} chats of {1}?', doomed.length, where);
    const detail = [vscode.l10n.t('Pinned and archived ones go too. What is being answered is stopped.'), keptFor()];
    if (await confirm(question, detail.join('\n'), vscode.l10n.t('Delete All'))) await deletion.delete(doomed);
  };
  /** A command that changes a flag of the chats that have it otherwise. */
  const flag =
    (title: string, isMeant: (chat: ChatSummary) => boolean, patch: { pinned?: boolean; archived?: boolean }) =>
    async (argument?: unknown, selection?: unknown) => {
      const found = await findChats(services, argument, selection, title, isMeant);
      for (const [store, chats] of Map.groupBy(found, (chat) => chat.store)) {
        await store.update(
          chats.map(({ entry }) => entry.guid),
          patch,
        );
      }
    };

  return {
    'pipelineChat.openChat': openChat,
    'pipelineChat.renameChat': renameChat,
    'pipelineChat.pinChat': flag(vscode.l10n.t('Pin Chat'), (chat) => !chat.isPinned, { pinned: true }),
    'pipelineChat.unpinChat': flag(vscode.l10n.t('Unpin Chat'), (chat) => chat.isPinned, { pinned: false }),
    'pipelineChat.archiveChat': flag(vscode.l10n.t('Archive Chat'), (chat) => !chat.isArchived, { archived: true }),
    'pipelineChat.unarchiveChat': flag(vscode.l10n.t('Unarchive Chat'), (chat) => chat.isArchived, { archived: false }),
    'pipelineChat.deleteChat': deleteChat,
    'pipelineChat.deleteAllChats': deleteAllChats,
  };
}

/** What becomes of deleted chats. */
function keptFor(): string {
  const { trashDays } = readSettings();
  return trashDays === 0
    ? vscode.l10n.t('They move to Recently Deleted.')
    : vscode.l10n.t('They move to Recently Deleted and are kept there for {0} days.', trashDays);
}
