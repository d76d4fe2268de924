import * as vscode from 'vscode';
import { purgeTime } from '../chats/expired.ts';
import { chatSummary } from './chatSummary.ts';
import { readSettings } from './settings.ts';
import { shownTime } from './shownTime.ts';
import type { ArchivedNode, ChatNode, PipelineNode, TrashedNode, TrashNode, TreeNode } from './treeNodes.ts';

const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** How a row of the tree looks and reads, and what its menus know it by. */
export function treeItem(node: TreeNode): vscode.TreeItem {
  switch (node.kind) {
    case 'pipeline':
      return pipelineItem(node);
    case 'chat':
      return chatItem(node);
    case 'archived':
      return archivedItem(node);
    case 'trash':
      return trashItem(node);
    case 'trashed':
      return trashedItem(node);
  }
}

function pipelineItem({ key, name, file, isActive, chats, archived }: PipelineNode): vscode.TreeItem {
  const item = new vscode.TreeItem(name, isActive ? Expanded : Collapsed);
  // The state is part of the id: VS Code keeps the folding of an id that it knows.
  item.id = `${isActive ? 'active' : 'other'}/${key}`;
  item.description = file && vscode.workspace.asRelativePath(file, false);
  item.iconPath = new vscode.ThemeIcon(file ? 'type-hierarchy' : 'question');
  item.contextValue = file ? 'pipeline' : 'pipeline.missing';
  item.accessibilityInformation = {
    label: vscode.l10n.t('Pipeline {0}, {1}', name, chatCount(chats.length + archived.length)),
  };
  return item;
}

function chatItem(node: ChatNode): vscode.TreeItem {
  const { chat, place } = node;
  const item = new vscode.TreeItem(chat.title);
  item.id = chat.chatId;
  item.description = description(node);
  const turns = chat.turnCount === 1 ? vscode.l10n.t('1 turn') : vscode.l10n.t('{0} turns', chat.turnCount);
  const changed = shownTime(chat.updated);
  item.tooltip = [
    chat.title,
    changed === '' ? turns : vscode.l10n.t('{0}, last changed {1}', turns, changed),
    vscode.l10n.t('Kept in {0}', place),
    ...(chat.problem === undefined ? [] : [chat.problem]),
  ].join('\n');
  item.iconPath = icon(node);
  item.contextValue = ['chat', chat.isPinned && 'pinned', chat.isArchived && 'archived'].filter(Boolean).join('.');
  item.command = { command: 'pipelineChat.openChat', title: vscode.l10n.t('Open Chat'), arguments: [node] };
  const facts = [
    chat.place !== undefined && vscode.l10n.t('kept in {0}', chat.place),
    chat.isPinned && vscode.l10n.t('pinned'),
    chat.isRunning && vscode.l10n.t('answering'),
    chat.problem !== undefined && vscode.l10n.t("can't be read"),
  ];
  item.accessibilityInformation = {
    label: [vscode.l10n.t('Chat {0}', chat.title), turns, ...facts.filter(Boolean)].join(', '),
  };
  return item;
}

function description({ chat }: ChatNode): string {
  if (chat.isRunning) return vscode.l10n.t('answering…');
  if (chat.problem !== undefined) return vscode.l10n.t("can't be read");
  // A chat that is named after its only question need not say it twice.
  const preview = chat.preview === chat.title ? [] : [chat.preview];
  return [...(chat.place === undefined ? [] : [chat.place]), ...preview].join(' · ');
}

function icon({ chat }: ChatNode): vscode.ThemeIcon {
  if (chat.isRunning) return new vscode.ThemeIcon('loading~spin');
  if (chat.problem !== undefined) {
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  }
  return new vscode.ThemeIcon(chat.isPinned ? 'pinned' : 'comment');
}

function archivedItem({ key, chats }: ArchivedNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Archived'), Collapsed);
  item.id = `archived/${key}`;
  item.description = String(chats.length);
  item.iconPath = new vscode.ThemeIcon('archive');
  item.contextValue = 'archived';
  item.accessibilityInformation = { label: vscode.l10n.t('Archived, {0}', chatCount(chats.length)) };
  return item;
}

function trashItem({ count }: TrashNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Recently Deleted'), Collapsed);
  item.id = 'trash';
  item.description = String(count);
  item.iconPath = new vscode.ThemeIcon('trash');
  item.contextValue = 'trash';
  item.accessibilityInformation = { label: vscode.l10n.t('Recently Deleted, {0}', chatCount(count)) };
  return item;
}

function trashedItem({ store, chat }: TrashedNode): vscode.TreeItem {
  const { title } = chatSummary(chat.entry, false);
  const item = new vscode.TreeItem(title);
  item.id = `trashed/${store.files.location}/${chat.name}`;
  const deleted = shownTime(chat.deleted);
  item.description = deleted;
  item.tooltip = [
    title,
    ...(deleted === '' ? [] : [vscode.l10n.t('Deleted {0}', deleted)]),
    keptUntil(chat.deleted),
  ].join('\n');
  item.iconPath = new vscode.ThemeIcon('comment');
  item.contextValue = 'trashed';
  item.accessibilityInformation = { label: vscode.l10n.t('Deleted chat {0}, {1}', title, deleted) };
  return item;
}

function keptUntil(deleted: string): string {
  const end = purgeTime(deleted, readSettings().trashDays);
  return end
    ? vscode.l10n.t('Kept until {0}', end.toLocaleDateString())
    : vscode.l10n.t('Kept until you delete it permanently');
}

function chatCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 chat') : vscode.l10n.t('{0} chats', count);
}
