import * as vscode from 'vscode';
import type { FoundChat } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { type ChatChoice, noChats } from './findChat.ts';
import { pipelineName } from './pipelineFile.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import { shownTime } from './shownTime.ts';
import { type ChatNode, nodeOf, selectedNodes } from './treeNodes.ts';

/** The chats of the rows that a menu hands over, or those that the user picks; none when they turned away. */
export async function chosenChats(
  { stores, index }: ChatChoice & { readonly index: PipelineIndex },
  argument: unknown,
  selection: unknown,
  title: string,
): Promise<readonly FoundChat[]> {
  const { chats } = await stores.list();
  if (chats.length === 0) throw noChats();
  const rows = selectedNodes(argument, selection).flatMap(chatNodes);
  if (rows.length > 0) {
    const ids = new Set(rows.map(({ chat }) => chat.chatId));
    return chats.filter(({ entry }) => ids.has(entry.guid));
  }
  const pipelines = await index.byKey();
  const items = chats
    .toSorted((a, b) => Date.parse(b.entry.updated) - Date.parse(a.entry.updated))
    .map((found) => {
      const [file] = pipelines.get(found.entry.pipeline_id) ?? [];
      const facts = [file ? pipelineName(file) : '', shownTime(found.entry.updated)];
      return {
        label: shownTitle(found.entry),
        description: facts.filter(Boolean).join(' · '),
        detail: stores.placeOf(found.store),
        found,
      };
    });
  const options = { title, canPickMany: true, matchOnDescription: true, matchOnDetail: true } as const;
  const picked = await vscode.window.showQuickPick(items, options);
  return (picked ?? []).map(({ found }) => found);
}

/** The chats of a row: itself, or those below it. */
function chatNodes(node: unknown): readonly ChatNode[] {
  const chat = nodeOf(node, 'chat');
  if (chat) return [chat];
  const pipeline = nodeOf(node, 'pipeline');
  return pipeline ? [...pipeline.chats, ...pipeline.archived] : (nodeOf(node, 'archived')?.chats ?? []);
}
