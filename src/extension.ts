import { v4 as newId } from 'uuid';
import * as vscode from 'vscode';
import { ChatStore } from './chats/chatStore.ts';
import { EmbeddedEngine } from './engine/embeddedEngine.ts';
import type { StreamModel } from './engine/streamModel.ts';
import { LocalFileStore } from './files/localFileStore.ts';
import { ChatDeletion } from './host/chatDeletion.ts';
import { ChatPanels } from './host/chatPanels.ts';
import { ChatStores } from './host/chatStores.ts';
import { ChatTree } from './host/chatTree.ts';
import { registerCommands } from './host/commands.ts';
import { Conversations } from './host/conversations.ts';
import { Drafts } from './host/drafts.ts';
import { followRenames } from './host/followRenames.ts';
import { Housekeeping } from './host/housekeeping.ts';
import { ModelKeys } from './host/modelKeys.ts';
import { PipelineIndex } from './host/pipelineIndex.ts';
import { Reports } from './host/reports.ts';

/** Wires the parts for desktop and server extension hosts; only here implementations are chosen. */
export function activate(context: vscode.ExtensionContext): void {
  const add = <T extends { dispose(): unknown }>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const log = add(vscode.window.createOutputChannel('Pipeline Chat', { log: true }));
  const now = () => new Date().toISOString();
  const keys = new ModelKeys(context, process.env);
  // The model providers are large: they are loaded with the first question.
  const streamModel: StreamModel = async (request, options) =>
    (await import('./engine/openAiModel.ts')).openAiModel(request, options);
  const engine = new EmbeddedEngine({ secrets: keys, consent: keys, streamModel, now: Date.now, newId });
  const writerId = newId();
  const openFiles = (root: vscode.Uri) => new LocalFileStore(root.fsPath);
  const stores = add(
    new ChatStores({
      open: (root) =>
        new ChatStore({
          files: openFiles(root),
          now,
          writerId,
          log: (message, cause) => log.warn(message, cause ?? ''),
        }),
      userStorage: context.globalStorageUri,
      log,
    }),
  );
  const index = add(new PipelineIndex(log));
  const conversations = add(new Conversations({ now, newId, log: (message, cause) => log.error(message, cause) }));
  const drafts = new Drafts(context.workspaceState);
  const deletion = add(new ChatDeletion({ conversations, drafts, log }));
  const services = { stores, conversations, deletion, engine, drafts, keys, index, log, newId };
  const panels = add(new ChatPanels(context, services));
  const activePanelPipeline = () => panels.active?.pipelineUri;
  const tree = add(new ChatTree({ stores, conversations, index, activePanelPipeline }));
  const storage = { index, reports: add(new Reports()), openFiles, now, newId };
  add(registerCommands({ panels, stores, deletion, tree, keys, log, ...storage }));
  add(new Housekeeping({ stores, conversations, deletion, log }));
  add(followRenames(stores, log));
}
