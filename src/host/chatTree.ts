import * as vscode from 'vscode';
import type { ChatSummary } from '../protocol/model.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import type { ChatStores } from './chatStores.ts';
import { byUpdated, chatSummary } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import { isPipelineUri, pipelineName, tabUri } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';

export const TREE_ID = 'pipelineChat.chats';

export interface PipelineNode {
  readonly kind: 'pipeline';
  readonly key: string;
  readonly name: string;
  /** undefined when no file of this window has the key. */
  readonly file: vscode.Uri | undefined;
  readonly isActive: boolean;
  readonly chats: ChatNode[];
}

export interface ChatNode {
  readonly kind: 'chat';
  readonly chat: ChatSummary;
  readonly file: vscode.Uri | undefined;
}

export type TreeNode = PipelineNode | ChatNode;

/** The saved chats of this window by pipeline, that of the active editor first. */
export class ChatTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #stores: ChatStores;
  readonly #conversations: Conversations;
  readonly #index: PipelineIndex;
  readonly #activePanelPipeline: () => vscode.Uri | undefined;
  readonly #disposables = new DisposableStore();
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #onDidChange = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#onDidChange.event;

  constructor(options: {
    stores: ChatStores;
    conversations: Conversations;
    index: PipelineIndex;
    activePanelPipeline: () => vscode.Uri | undefined;
  }) {
    this.#stores = options.stores;
    this.#conversations = options.conversations;
    this.#index = options.index;
    this.#activePanelPipeline = options.activePanelPipeline;
    const refresh = () => this.refresh();
    for (const event of [this.#stores.onDidChange, this.#conversations.onDidChange, this.#index.onDidChange]) {
      this.#disposables.add(event(refresh));
    }
    this.#disposables.add(vscode.window.tabGroups.onDidChangeTabs(refresh));
    this.#disposables.add(vscode.window.tabGroups.onDidChangeTabGroups(refresh));
    this.#view = this.#disposables.add(
      vscode.window.createTreeView(TREE_ID, { treeDataProvider: this, showCollapseAll: true }),
    );
  }

  refresh(): void {
    this.#onDidChange.fire();
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node) return node.kind === 'pipeline' ? node.chats : [];
    return this.roots();
  }

  async roots(): Promise<PipelineNode[]> {
    const { chats, problems } = await this.#stores.list();
    this.#view.message = problems.map(({ message }) => message).join('\n') || undefined;
    const byKey = Map.groupBy(chats, ({ entry }) => entry.pipeline_id);
    const active = activePipeline() ?? this.#activePanelPipeline();
    const nodes = await Promise.all(
      [...byKey].map(async ([key, found]): Promise<PipelineNode> => {
        const files = await this.#index.filesOf(key);
        const file = files.find((uri) => uri.toString() === active?.toString()) ?? files[0];
        return {
          kind: 'pipeline',
          key,
          name: file ? pipelineName(file) : vscode.l10n.t('Pipeline not found ({0})', key.slice(0, 8)),
          file,
          isActive: file !== undefined && file.toString() === active?.toString(),
          chats: found
            .map(({ entry }) => chatSummary(entry, this.#conversations.isRunning(entry.guid)))
            .sort(byUpdated)
            .map((chat) => ({ kind: 'chat', chat, file })),
        };
      }),
    );
    return nodes.sort((a, b) => Number(b.isActive) - Number(a.isActive) || a.name.localeCompare(b.name));
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return node.kind === 'pipeline' ? pipelineItem(node) : chatItem(node);
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

/** The pipeline file in the active editor, of whatever kind that editor is. */
export function activePipeline(): vscode.Uri | undefined {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const uri = tab && tabUri(tab);
  return uri && isPipelineUri(uri) ? uri : undefined;
}

function pipelineItem({ key, name, file, isActive, chats }: PipelineNode): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, isActive ? Expanded : Collapsed);
  // The state is part of the id: VS Code keeps the folding of an id that it knows.
  item.id = `${isActive ? 'active' : 'other'}/${key}`;
  item.description = file && vscode.workspace.asRelativePath(file, false);
  item.iconPath = new vscode.ThemeIcon(file ? 'type-hierarchy' : 'question');
  item.contextValue = file ? 'pipeline' : 'pipeline.missing';
  const count = chats.length === 1 ? vscode.l10n.t('1 chat') : vscode.l10n.t('{0} chats', chats.length);
  item.accessibilityInformation = { label: vscode.l10n.t('Pipeline {0}, {1}', name, count) };
  return item;
}

function chatItem(node: ChatNode): vscode.TreeItem {
  const { chat } = node;
  const item = new vscode.TreeItem(chat.title);
  item.id = chat.chatId;
  const updated = new Date(chat.updated).toLocaleString();
  item.description = chat.isRunning ? vscode.l10n.t('answering…') : chat.preview;
  const turns = chat.turnCount === 1 ? vscode.l10n.t('1 turn') : vscode.l10n.t('{0} turns', chat.turnCount);
  item.tooltip = vscode.l10n.t('{0}\n{1}, last changed {2}', chat.title, turns, updated);
  item.iconPath = new vscode.ThemeIcon(chat.isRunning ? 'loading~spin' : 'comment');
  item.contextValue = 'chat';
  item.command = { command: 'pipelineChat.openChat', title: vscode.l10n.t('Open Chat'), arguments: [node] };
  item.accessibilityInformation = { label: vscode.l10n.t('Chat {0}, {1}', chat.title, turns) };
  return item;
}
