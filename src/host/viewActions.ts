import * as vscode from 'vscode';
import type { Conversation } from '../chats/conversation.ts';
import type { ActionId } from '../protocol/model.ts';
import type { ModelKeys } from './modelKeys.ts';
import type { PipelineChats } from './pipelineChats.ts';
import type { Servers } from './servers.ts';
import { changeSetting, openSettings } from './settings.ts';
import { withAbort } from './withAbort.ts';

export interface ActionTarget {
  readonly pipelineChats: PipelineChats;
  readonly conversation: Conversation;
  readonly keys: ModelKeys;
  readonly servers: Servers;
  readonly log: vscode.LogOutputChannel;
  readonly newId: () => string;
  /** Sends the draft of the chat. */
  readonly sendDraft: () => Promise<unknown>;
  readonly openNewChat: () => Promise<void>;
}

/** Does what a notice or an error offered. */
export async function runAction(action: ActionId, target: ActionTarget): Promise<void> {
  const { pipelineChats, conversation } = target;
  const { file } = pipelineChats;
  switch (action) {
    case 'save-and-send':
      await file.save();
      await target.sendDraft();
      return;
    case 'enable-saving':
      await file.enableSaving();
      await conversation.save(pipelineChats.store, file.key);
      return;
    case 'open-pipeline':
      await vscode.commands.executeCommand('vscode.openWith', file.uri, 'default');
      return;
    case 'choose-source': {
      const picked = await vscode.window.showQuickPick(
        file.sources.map(({ id, name }) => ({ label: name || id, description: id, id })),
        { title: vscode.l10n.t('Which chat source of {0} do you want to ask?', file.name) },
      );
      if (picked) await file.rememberSource(picked.id);
      return;
    }
    case 'add-project-id':
      await addProjectId(target);
      return;
    case 'own-project-id':
      await file.addProjectId(target.newId());
      // What is said from now on is no longer of the chats that stay with the other file.
      if (conversation.isSaved) await target.openNewChat();
      return;
    case 'relink-chats':
      // A command of its own, because it ends with an offer to undo that nobody waits for.
      void vscode.commands.executeCommand('pipelineChat.relinkChats', file.uri);
      return;
    case 'set-secret':
      await target.keys.ask(file.keyName);
      return;
    case 'open-settings':
      await openSettings();
      return;
    case 'show-log':
      target.log.show();
      return;
    case 'reload':
      await file.load();
      await pipelineChats.refresh();
      await conversation.refresh();
      return;
    case 'restore-chat':
      await conversation.restore();
      return;
    case 'retry-server':
      await target.servers.connect();
      return;
    case 'connect-server':
      await vscode.commands.executeCommand('pipelineChat.connectServer');
      return;
    case 'set-server-key':
      await vscode.commands.executeCommand('pipelineChat.setServerKey');
      return;
    case 'use-embedded':
      await changeSetting('engine', 'embedded', file.uri);
      return;
    case 'save-locally':
      await changeSetting('storage', 'workspace', file.uri);
      await pipelineChats.refresh();
      if (pipelineChats.isSaving) await conversation.save(pipelineChats.store, file.key);
      return;
    case 'restart-pipeline':
      await withAbort(vscode.l10n.t('Restarting {0} on the server', file.name), ({ signal }) =>
        pipelineChats.restart(signal),
      );
      return;
    case 'keep-running':
      pipelineChats.keepRunning();
      return;
  }
}

/** Gives the pipeline an id of its own; the chats that were kept under its path so far come along. */
async function addProjectId({ pipelineChats, newId }: ActionTarget): Promise<void> {
  const { file, list, store } = pipelineChats;
  await file.addProjectId(newId());
  for (const { chatId } of list) await store.update(chatId, { pipelineId: file.key });
}
