import type * as vscode from 'vscode';
import type { ChatSummary } from '../protocol/model.ts';
import type { TrashedEntry } from './chatStores.ts';

export interface PipelineNode {
  readonly kind: 'pipeline';
  readonly key: string;
  readonly name: string;
  /** undefined when no file of this window has the key. */
  readonly file: vscode.Uri | undefined;
  readonly isActive: boolean;
  readonly chats: readonly ChatNode[];
  readonly archived: readonly ChatNode[];
}

export interface ChatNode {
  readonly kind: 'chat';
  readonly chat: ChatSummary;
  /** Where it is kept, for people. */
  readonly place: string;
  readonly file: vscode.Uri | undefined;
}

/** The archived chats of one pipeline. */
export interface ArchivedNode {
  readonly kind: 'archived';
  readonly key: string;
  readonly chats: readonly ChatNode[];
}

/** The deleted chats of the window. */
export interface TrashNode {
  readonly kind: 'trash';
  readonly count: number;
}

export interface TrashedNode extends TrashedEntry {
  readonly kind: 'trashed';
}

export type TreeNode = PipelineNode | ChatNode | ArchivedNode | TrashNode | TrashedNode;

/** The row of the tree that a menu hands over; VS Code hands back the tree's own objects. */
export function nodeOf<K extends TreeNode['kind']>(
  argument: unknown,
  kind: K,
): Extract<TreeNode, { kind: K }> | undefined {
  return isNode(argument) && isKind(argument, kind) ? argument : undefined;
}

/** The rows that a menu was opened on: all that are selected when it was opened on one of them. */
export function selectedNodes(argument: unknown, selection: unknown): readonly unknown[] {
  if (Array.isArray(selection) && selection.includes(argument)) return selection;
  return argument === undefined ? [] : [argument];
}

function isNode(argument: unknown): argument is TreeNode {
  return typeof argument === 'object' && argument !== null && 'kind' in argument;
}

function isKind<K extends TreeNode['kind']>(node: TreeNode, kind: K): node is Extract<TreeNode, { kind: K }> {
  return node.kind === kind;
}
