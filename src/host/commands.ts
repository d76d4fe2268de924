import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ChatPanels } from './chatPanels.ts';
import type { ChatStores } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { activePipeline, type ChatNode, type ChatTree, type PipelineNode } from './chatTree.ts';
import type { Conversations } from './conversations.ts';
import { findPipelines } from './findPipelines.ts';
import type { ModelKeys } from './modelKeys.ts';
import { isPipelineUri, pipelineName } from './pipelineFile.ts';

export interface CommandServices {
  readonly panels: ChatPanels;
  readonly stores: ChatStores;
  readonly conversations: Conversations;
  readonly tree: ChatTree;
  readonly keys: ModelKeys;
  readonly log: vscode.LogOutputChannel;
}

/** Stands for the pipeline of a chat whose file is not in this window; it can't be read, so the panel says so. */
const MISSING_PIPELINE = vscode.Uri.from({ scheme: 'pipeline-chat', path: '/missing.pipe' });

/** Every command of the manifest. A failure is one notification with the way to the log. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const { panels, stores, conversations, tree, keys, log } = services;

  const newChat = async (isPrivate: boolean, argument?: unknown) => {
    const pipeline =
      pipelineOf(argument) ?? activePipeline() ?? panels.active?.pipelineUri ?? (await pickPipeline(log));
    if (pipeline) await panels.open(pipeline, null, { isPrivate });
  };
  const openBeside = async (argument?: unknown) => {
    const pipeline = pipelineOf(argument) ?? activePipeline() ?? (await pickPipeline(log));
    if (pipeline) await panels.open(pipeline);
  };
  const openChat = async (argument?: unknown) => {
    const node = chatNode(argument) ?? (await pickChat(tree, vscode.l10n.t('Open Chat')));
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
    if (!found) return;
    const confirm = vscode.l10n.t('Delete');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Delete the chat "{0}"?', shownTitle(found.entry)),
      { modal: true, detail: vscode.l10n.t('Its folder moves to .chats/.trash.') },
      confirm,
    );
    if (answer !== confirm) return;
    conversations.stop(found.entry.guid);
    await found.store.delete(found.entry.guid);
  };
  const findChat = async (argument: unknown, title: string) => {
    const node = chatNode(argument);
    const id = node?.chat.chatId ?? panels.active?.chatId ?? (await pickChat(tree, title))?.chat.chatId;
    const found = id === undefined ? undefined : await stores.find(id);
    if (id !== undefined && !found) throw new ChatError('not-found', 'This chat is not saved, or was deleted.');
    return found;
  };

  const commands: Readonly<Record<string, (argument?: unknown) => unknown>> = {
    'pipelineChat.newChat': (argument) => newChat(false, argument),
    'pipelineChat.newPrivateChat': (argument) => newChat(true, argument),
    'pipelineChat.openBeside': openBeside,
    'pipelineChat.openChat': openChat,
    'pipelineChat.renameChat': renameChat,
    'pipelineChat.deleteChat': deleteChat,
    'pipelineChat.stop': () => panels.active?.stop(),
    'pipelineChat.focusInput': () => panels.active?.focusComposer(),
    'pipelineChat.refresh': () => tree.refresh(),
    'pipelineChat.setModelKey': () => keys.ask(),
    'pipelineChat.showLog': () => log.show(),
  };
  const registered = Object.entries(commands).map(([id, run]) =>
    vscode.commands.registerCommand(id, async (argument?: unknown) => {
      try {
        await run(argument);
      } catch (error) {
        log.error(`The command ${id} failed.`, error);
        void showError(ChatError.from(error), log);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

async function showError(error: ChatError, log: vscode.LogOutputChannel): Promise<void> {
  const showLog = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(error.message, showLog)) === showLog) log.show();
}

/** The pipeline that a menu hands over: a file's URI, or a row of the tree. */
function pipelineOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return isPipelineUri(argument) ? argument : undefined;
  return isNode(argument) ? argument.file : undefined;
}

function chatNode(argument: unknown): ChatNode | undefined {
  return isNode(argument) && argument.kind === 'chat' ? argument : undefined;
}

/** VS Code hands back the tree's own objects. */
function isNode(argument: unknown): argument is PipelineNode | ChatNode {
  return typeof argument === 'object' && argument !== null && 'kind' in argument;
}

async function pickPipeline(log: vscode.LogOutputChannel): Promise<vscode.Uri | undefined> {
  const files = await findPipelines(log);
  if (files.length === 0) {
    throw new ChatError('not-found', 'There is no pipeline file (*.pipe) in this window. Open a folder that has one.');
  }
  if (files.length === 1) return files[0];
  const picked = await vscode.window.showQuickPick(
    files.map((file) => ({ label: pipelineName(file), description: vscode.workspace.asRelativePath(file), file })),
    { title: vscode.l10n.t('Chat with which pipeline?') },
  );
  return picked?.file;
}

async function pickChat(tree: ChatTree, title: string): Promise<ChatNode | undefined> {
  const nodes = (await tree.roots()).flatMap(({ name, chats }) =>
    chats.map((node) => ({
      label: node.chat.title,
      description: `${name} · ${new Date(node.chat.updated).toLocaleString()}`,
      detail: node.chat.preview,
      node,
    })),
  );
  if (nodes.length === 0) {
    throw new ChatError('not-found', 'There are no saved chats yet. Open a pipeline and ask it something.');
  }
  const picked = await vscode.window.showQuickPick(nodes, { title, matchOnDescription: true, matchOnDetail: true });
  return picked?.node;
}
