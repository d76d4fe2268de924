import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatSummary } from '../protocol/model.ts';
import type { ChatPanels } from './chatPanels.ts';
import type { ChatStores, FoundChat } from './chatStores.ts';
import { chatSummary } from './chatSummary.ts';
import type { ChatTree } from './chatTree.ts';
import { shownTime } from './shownTime.ts';
import { type ChatNode, nodeOf, selectedNodes } from './treeNodes.ts';

/** Where chats are chosen: in a panel, in the tree, or from a list. */
export interface ChatChoice {
  readonly panels: ChatPanels;
  readonly stores: ChatStores;
  readonly tree: ChatTree;
}

/** Stands for the pipeline of a chat whose file is not in this window; it can't be read, so the panel says so. */
export const MISSING_PIPELINE = vscode.Uri.from({ scheme: 'pipeline-chat', path: '/missing.pipe' });

/** The chat that a menu hands over, else the one in the panel if it is meant, else one that the user picks. */
export async function findChat(
  { panels, stores, tree }: ChatChoice,
  argument: unknown,
  title: string,
  isMeant = (_chat: ChatSummary) => true,
): Promise<FoundChat | undefined> {
  const given = nodeOf(argument, 'chat')?.chat.chatId;
  const shown = given === undefined ? await stores.find(panels.active?.chatId ?? '') : undefined;
  if (shown && isMeant(chatSummary(shown.entry, false))) return shown;
  const id = given ?? (await pickChat(tree, title, isMeant))?.chat.chatId;
  const found = id === undefined ? undefined : await stores.find(id);
  if (id !== undefined && !found) throw new ChatError('not-found', 'This chat was deleted.');
  return found;
}

/** As `findChat`, but every chat that is selected with the one that a menu was opened on. */
export async function findChats(
  choice: ChatChoice,
  argument: unknown,
  selection: unknown,
  title: string,
  isMeant = (_chat: ChatSummary) => true,
): Promise<readonly FoundChat[]> {
  const rows = selectedNodes(argument, selection).flatMap((row) => nodeOf(row, 'chat') ?? []);
  if (rows.length < 2) {
    const found = await findChat(choice, argument, title, isMeant);
    return found ? [found] : [];
  }
  const ids = new Set(rows.filter(({ chat }) => isMeant(chat)).map(({ chat }) => chat.chatId));
  return (await choice.stores.list()).chats.filter(({ entry }) => ids.has(entry.guid));
}

export async function pickChat(
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

export function noChats(): ChatError {
  return new ChatError('not-found', 'There are no saved chats yet. Open a pipeline and ask it something.');
}
