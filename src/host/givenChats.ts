import * as vscode from 'vscode';
import type { FoundChat } from './chatStores.ts';

/** Chats that get, or got, another pipeline. */
export interface GivenChats {
  readonly chats: readonly FoundChat[];
  readonly from: string;
  readonly to: string;
}

/** Lists chats under another key, and offers to take that back. */
export async function giveChats(given: readonly GivenChats[], message: string): Promise<void> {
  for (const { chats, to } of given) await listUnder(chats, to);
  const undo = vscode.l10n.t('Undo');
  if ((await vscode.window.showInformationMessage(message, undo)) !== undo) return;
  for (const { chats, from } of given) await listUnder(chats, from);
}

async function listUnder(chats: readonly FoundChat[], pipelineId: string): Promise<void> {
  for (const [store, found] of Map.groupBy(chats, (chat) => chat.store)) {
    await store.update(
      found.map(({ entry }) => entry.guid),
      { pipelineId },
    );
  }
}
