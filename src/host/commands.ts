import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import { chatCommands } from './chatCommands.ts';
import type { ChatDeletion } from './chatDeletion.ts';
import type { ChatPanels } from './chatPanels.ts';
import type { ChatStores } from './chatStores.ts';
import { activePipeline, type ChatTree } from './chatTree.ts';
import type { ModelKeys } from './modelKeys.ts';
import { pickPipeline } from './pickPipeline.ts';
import { isPipelineUri } from './pipelineFile.ts';
import { type ServerCommandServices, serverCommands } from './serverCommands.ts';
import { showError } from './showError.ts';
import { storageCommands } from './storageCommands.ts';
import type { StorageServices } from './storageServices.ts';
import { trashCommands } from './trashCommands.ts';
import { nodeOf } from './treeNodes.ts';

/** Command ids of the manifest with what they do; a menu hands over what it was opened on, and all that is selected. */
export type Commands = Readonly<Record<string, (argument?: unknown, selection?: unknown) => unknown>>;

export interface CommandServices extends StorageServices, ServerCommandServices {
  readonly panels: ChatPanels;
  readonly stores: ChatStores;
  readonly deletion: ChatDeletion;
  readonly tree: ChatTree;
  readonly keys: ModelKeys;
  readonly log: vscode.LogOutputChannel;
}

/** Every command of the manifest. A failure is one notification with the way to the log. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const { panels, stores, tree, keys, log } = services;

  const newChat = async (isPrivate: boolean, argument?: unknown) => {
    const pipeline =
      pipelineOf(argument) ?? activePipeline() ?? panels.active?.pipelineUri ?? (await pickPipeline(log));
    if (pipeline) await panels.open(pipeline, null, { isPrivate });
  };
  const openBeside = async (argument?: unknown) => {
    const pipeline = pipelineOf(argument) ?? activePipeline() ?? (await pickPipeline(log));
    if (pipeline) await panels.open(pipeline);
  };

  const commands: Commands = {
    'pipelineChat.newChat': (argument) => newChat(false, argument),
    'pipelineChat.newPrivateChat': (argument) => newChat(true, argument),
    'pipelineChat.openBeside': openBeside,
    'pipelineChat.stop': () => panels.active?.stop(),
    'pipelineChat.focusInput': () => panels.active?.focusComposer(),
    'pipelineChat.refresh': () => {
      tree.refresh();
      void stores.checkAll();
    },
    'pipelineChat.setModelKey': () => keys.ask(),
    'pipelineChat.showLog': () => log.show(),
    ...chatCommands(services),
    ...trashCommands(services),
    ...storageCommands(services),
    ...serverCommands(services),
  };
  const registered = Object.entries(commands).map(([id, run]) =>
    vscode.commands.registerCommand(id, async (...handed: unknown[]) => {
      try {
        if (isLostRow(handed)) throw new ChatError('not-found', 'The list changed at that moment. Try again.');
        await run(handed[0], handed[1]);
      } catch (error) {
        void showError(`The command ${id} failed.`, error, log);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/**
 * A row's menu hands over the row and what else is selected. While the tree is drawn anew VS Code knows the row no more;
 * without this, a command would take the chat in the panel instead of the one that was clicked.
 */
function isLostRow(handed: readonly unknown[]): boolean {
  return handed.length > 1 && handed[0] === undefined;
}

/** The pipeline that a menu hands over: a file's URI, or a row of the tree. */
function pipelineOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return isPipelineUri(argument) ? argument : undefined;
  return (nodeOf(argument, 'pipeline') ?? nodeOf(argument, 'chat'))?.file;
}
