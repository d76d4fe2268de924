import { v4 as newId } from 'uuid';
import * as vscode from 'vscode';
import { ChatStore } from './chats/chatStore.ts';
import { EmbeddedEngine } from './engine/embeddedEngine.ts';
import type { StreamModel } from './engine/streamModel.ts';
import type { FileStore } from './files/fileStore.ts';
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
import { KnownServerChats } from './host/knownServerChats.ts';
import { ModelKeys } from './host/modelKeys.ts';
import { PipelineIndex } from './host/pipelineIndex.ts';
import { PlainConsent } from './host/plainConsent.ts';
import { Reports } from './host/reports.ts';
import type { OpenServer } from './host/server.ts';
import { ServerKeys } from './host/serverKeys.ts';
import { ServerStatusBar } from './host/serverStatusBar.ts';
import { Servers } from './host/servers.ts';
import { serverUrl as parseAddress } from './rocketride/serverUrl.ts';

let openedServers: Servers | undefined;

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
  const clientVersion = String(context.extension.packageJSON.version);
  const warn = (message: string, cause?: unknown) => log.warn(message, cause ?? '');
  const openFiles = (root: vscode.Uri) => new LocalFileStore(root.fsPath);
  const openStore = (files: FileStore, isInGit: boolean) => new ChatStore({ files, now, writerId, isInGit, log: warn });
  const conversations = add(new Conversations({ now, newId, log: (message, cause) => log.error(message, cause) }));
  // So is all that speaks to a server, with the first one.
  const openServer: OpenServer = async (options) =>
    (await import('./openServer.ts')).openServer(options, { log: warn, clientVersion });
  const isInSight = (): boolean => panels.isVisible || tree.isVisible;
  const known = new KnownServerChats(context.globalState);
  const allow = (name: string, host: string) => keys.allow(name, host);
  const serverKeys = new ServerKeys({ secrets: context.secrets, environment: process.env, allow, parseAddress });
  const servers = add(
    new Servers({
      openServer,
      parseAddress,
      openStore: (files) => openStore(files, false),
      environmentUrl: process.env.ROCKETRIDE_URI,
      keys: add(serverKeys),
      consent: new PlainConsent(context.globalState),
      conversations,
      isWatched: () => vscode.window.state.focused && isInSight(),
      log,
    }),
  );
  openedServers = servers;
  const stores = add(
    new ChatStores({
      open: (root) => openStore(openFiles(root), true),
      userStorage: context.globalStorageUri,
      servers,
      known,
      log,
    }),
  );
  const index = add(new PipelineIndex(log));
  const drafts = new Drafts(context.workspaceState);
  const deletion = add(new ChatDeletion({ conversations, drafts, log }));
  const services = { stores, conversations, deletion, engine, servers, known, drafts, keys, index, log, newId };
  const panels = add(new ChatPanels(context, services));
  const activePanelPipeline = () => panels.active?.pipelineUri;
  const tree = add(new ChatTree({ stores, conversations, index, activePanelPipeline }));
  const reports = add(new Reports());
  const more = { tree, panels, reports, openFiles, now, parseAddress, memory: context.workspaceState };
  add(registerCommands({ ...services, ...more }));
  add(new ServerStatusBar({ servers, isInSight, onDidChangeSight: tree.onDidChangeVisibility }));
  add(new Housekeeping({ stores, conversations, deletion, log }));
  add(followRenames(stores, log));
}

/** VS Code waits for it, for a few seconds: what is held on a server is given back. */
export function deactivate(): Promise<void> | undefined {
  return openedServers?.close();
}
