import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatSummary } from '../protocol/model.ts';
import type { ChatDeletion } from './chatDeletion.ts';
import type { ChatPanels } from './chatPanels.ts';
import type { ChatStores } from './chatStores.ts';
import { chatSummary, shownTitle } from './chatSummary.ts';
import type { ChatTree } from './chatTree.ts';
import { confirm } from './confirm.ts';
import { readSettings } from './settings.ts';
import { shownTime } from './shownTime.ts';
import { type ChatNode, nodeOf } from './treeNodes.ts';

export interface ChatCommandServices {
  readonly panels: ChatPanels;
  readonly stores: ChatStores;
  readonly deletion: ChatDeletion;
  readonly tree: ChatTree;
}

/** Stands for the pipeline of a chat whose file is not in this window; it can't be read, so the panel says so. */
const MISSING_PIPELINE = vscode.Uri.from({ scheme: 'pipeline-chat', path: '/missing.pipe' });

/** What can be done with saved chats. */
export function chatCommands({ panels, stores, deletion, tree }: ChatCommandServices) {
  const openChat = async (argument?: unknown) => {
    const node = nodeOf(argument, 'chat') ?? (await pickChat(tree, vscode.l10n.t('Open Chat')));
    if (node) await panels.open(node.file ?? MISSING_PIPELINE, node.chat.chatId);
  };
  const renameChat = async (argument?: unknown) => {
    const found = await findChat(argument, vscode.l10n.t('Rename Chat'));
    if (!found) return;
    const before = shownTitle(found.entry);
    const title = await vscode.window.showInputBox({ title: vscode.l10n.t('Rename Chat'), value: before });
    if (title !== undefined && title.trim() !== before) await found.store.update(found.entry.guid, { title });
  };
  const deleteChat = async (argument?: unknown) => {
    const found = await findChat(argument, vscode.l10n.t('Delete Chat'));
    if (found) await deletion.delete([found]);
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
    async (argument?: unknown) => {
      const found = await findChat(argument, title, isMeant);
      if (found) await found.store.update(found.entry.guid, patch);
    };
  /** The chat that a menu hands over, else the one in the panel if it is meant, else one that the user picks. */
  const findChat = async (argument: unknown, title: string, isMeant = (_chat: ChatSummary) => true) => {
    const given = nodeOf(argument, 'chat')?.chat.chatId;
    const shown = given === undefined ? await stores.find(panels.active?.chatId ?? '') : undefined;
    if (shown && isMeant(chatSummary(shown.entry, false))) return shown;
    const id = given ?? (await pickChat(tree, title, isMeant))?.chat.chatId;
    const found = id === undefined ? undefined : await stores.find(id);
    if (id !== undefined && !found) throw new ChatError('not-found', 'This chat was deleted.');
    return found;
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

async function pickChat(
  tree: ChatTree,
  title: string,
  isMeant = (_chat: ChatSummary) => true,
): Promise<ChatNode | undefined> {
  const nodes = (await tree.roots()).flatMap(({ name, chats, archived }) =>
    [...chats, ...archived].map((node) => ({
      label: node.chat.title,
      description: [name, shownTime(node.chat.updated)].filter(Boolean).join(' · '),
      detail: node.chat.preview,
      iconPath: node.chat.isPinned ? new vscode.ThemeIcon('pinned') : undefined,
      node,
    })),
  );
  if (nodes.length === 0) throw noChats();
  const meant = nodes.filter(({ node }) => isMeant(node.chat));
  if (meant.length === 0) throw new ChatError('not-found', 'There is no saved chat to do this with.');
  const picked = await vscode.window.showQuickPick(meant, { title, matchOnDescription: true, matchOnDetail: true });
  return picked?.node;
}

function noChats(): ChatError {
  return new ChatError('not-found', 'There are no saved chats yet. Open a pipeline and ask it something.');
}
