import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import type { ChatStores, FoundChat } from './chatStores.ts';
import { chatSummary, inListOrder } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import { isPipelineUri, pipelineName, tabUri } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import { treeItem } from './treeItems.ts';
import type { ChatNode, PipelineNode, TreeNode } from './treeNodes.ts';
import { WAITING } from './viewNotices.ts';

export const TREE_ID = 'pipelineChat.chats';
/** Instead of the words for a window without chats. */
const FETCHING = vscode.l10n.t('Fetching the chats on the server…');
/** A change is told by several events; VS Code may lose rows when it is told anew while it asks for them. */
const SETTLE_MS = 50;

/** The saved chats of this window by pipeline, that of the active editor first, and what was deleted. */
export class ChatTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #stores: ChatStores;
  readonly #conversations: Conversations;
  readonly #index: PipelineIndex;
  readonly #activePanelPipeline: () => vscode.Uri | undefined;
  readonly #disposables = new DisposableStore();
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #onDidChange = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#onDidChange.event;
  #problems: readonly string[] = [];
  #settle: NodeJS.Timeout | undefined;

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
      vscode.window.createTreeView(TREE_ID, { treeDataProvider: this, showCollapseAll: true, canSelectMany: true }),
    );
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  get onDidChangeVisibility(): vscode.Event<unknown> {
    return this.#view.onDidChangeVisibility;
  }

  refresh(): void {
    this.#showMessage();
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined;
      this.#onDidChange.fire();
    }, SETTLE_MS);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    switch (node?.kind) {
      case undefined: {
        const count = await this.#stores.trashCount();
        return [...(await this.roots()), ...(count > 0 ? [{ kind: 'trash' as const, count }] : [])];
      }
      case 'pipeline': {
        const { key, chats, archived } = node;
        return [...chats, ...(archived.length > 0 ? [{ kind: 'archived' as const, key, chats: archived }] : [])];
      }
      case 'archived':
        return [...node.chats];
      case 'trash':
        return (await this.#stores.trashed()).map((trashed) => ({ kind: 'trashed', ...trashed }));
      default:
        return [];
    }
  }

  /** The pipelines that have chats. */
  async roots(): Promise<PipelineNode[]> {
    const { chats, problems, serverProblem } = await this.#stores.list();
    this.#problems = [...problems, ...(serverProblem ? [serverProblem] : [])].map(({ message }) => message);
    if (chats.length === 0 && this.#stores.unlisted === 'coming') this.#problems = [FETCHING];
    this.#showMessage();
    const byKey = Map.groupBy(chats, ({ entry }) => entry.pipeline_id);
    const active = activePipeline() ?? this.#activePanelPipeline();
    const nodes = await Promise.all([...byKey].map(([key, found]) => this.#pipelineNode(key, found, active)));
    return nodes.sort((a, b) => Number(b.isActive) - Number(a.isActive) || a.name.localeCompare(b.name));
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return treeItem(node);
  }

  dispose(): void {
    clearTimeout(this.#settle);
    this.#disposables.dispose();
  }

  #showMessage(): void {
    const messages = [...this.#problems, ...(this.#stores.isWaiting ? [WAITING] : [])];
    this.#view.message = messages.join('\n') || undefined;
  }

  async #pipelineNode(key: string, found: readonly FoundChat[], active: vscode.Uri | undefined): Promise<PipelineNode> {
    const files = await this.#index.filesOf(key);
    const isOfActive = (uri: vscode.Uri) => uri.toString() === active?.toString();
    const file = files.find(isOfActive) ?? files[0];
    const isOnePlace = new Set(found.map(({ store }) => store)).size === 1;
    const nodes = found
      .map(({ entry, store }): ChatNode => {
        const place = this.#stores.placeOf(store);
        const isRunning = this.#conversations.isRunning(entry.guid);
        return { kind: 'chat', chat: chatSummary(entry, isRunning, isOnePlace ? undefined : place), place, file };
      })
      .sort((a, b) => inListOrder(a.chat, b.chat));
    return {
      kind: 'pipeline',
      key,
      name: file
        ? pipelineName(file)
        : missingName(
            key,
            found.every(({ store }) => this.#stores.kindOf(store) !== 'workspace'),
          ),
      file,
      isActive: file !== undefined && isOfActive(file),
      chats: nodes.filter(({ chat }) => !chat.isArchived),
      archived: nodes.filter(({ chat }) => chat.isArchived),
    };
  }
}

/** The pipeline file in the active editor, of whatever kind that editor is. */
export function activePipeline(): vscode.Uri | undefined {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const uri = tab && tabUri(tab);
  return uri && isPipelineUri(uri) ? uri : undefined;
}

/** Chats of which nothing can be read do not even tell their pipeline. @param isShared they lie where other workspaces have theirs, too */
function missingName(key: string, isShared: boolean): string {
  if (key === '') return vscode.l10n.t('Pipeline unknown');
  const shown = key.slice(0, 8);
  return isShared ? vscode.l10n.t('Pipeline elsewhere ({0})', shown) : vscode.l10n.t('Pipeline not found ({0})', shown);
}
