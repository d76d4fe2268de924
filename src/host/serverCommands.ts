import * as vscode from 'vscode';
import type { ChatPanels } from './chatPanels.ts';
import { activePipeline } from './chatTree.ts';
import { connectServer, forgetServerKey, setServerKey } from './connectServer.ts';
import { copyServerAddress } from './copyServerAddress.ts';
import { pickPipeline } from './pickPipeline.ts';
import type { ParseAddress } from './server.ts';
import type { Servers } from './servers.ts';
import { changeSetting } from './settings.ts';
import { nodeOf } from './treeNodes.ts';

export interface ServerCommandServices {
  readonly servers: Servers;
  readonly parseAddress: ParseAddress;
  readonly panels: ChatPanels;
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/** What can be done with the RocketRide server of this window. */
export function serverCommands(services: ServerCommandServices) {
  const { servers, parseAddress, panels, memory, log } = services;
  const copyAddress = async (argument?: unknown) => {
    const given = argument instanceof vscode.Uri ? argument : nodeOf(argument, 'pipeline')?.file;
    const pipeline = given ?? activePipeline() ?? panels.active?.pipelineUri ?? (await pickPipeline(log));
    if (pipeline) await copyServerAddress(servers, pipeline, memory);
  };

  return {
    'pipelineChat.connectServer': () => connectServer(servers, parseAddress),
    'pipelineChat.retryServer': () => servers.connect(),
    'pipelineChat.setServerKey': () => setServerKey(servers),
    'pipelineChat.forgetServerKey': () => forgetServerKey(servers),
    'pipelineChat.serverActions': () => pickServerAction(servers, log),
    'pipelineChat.copyServerAddress': copyAddress,
  };
}

/** What the item of the status bar offers. */
async function pickServerAction(servers: Servers, log: vscode.LogOutputChannel): Promise<void> {
  const command = (id: string) => () => vscode.commands.executeCommand(id);
  const { status, host } = servers;
  const items = [
    { label: vscode.l10n.t('Connect Now'), run: command('pipelineChat.retryServer'), isMeant: status.kind !== 'ready' },
    { label: vscode.l10n.t('Set Server Key…'), run: command('pipelineChat.setServerKey'), isMeant: host !== undefined },
    { label: vscode.l10n.t('Connect to Server…'), run: command('pipelineChat.connectServer'), isMeant: true },
    { label: vscode.l10n.t('Show Log'), run: () => log.show(), isMeant: true },
    {
      label: vscode.l10n.t('Use Embedded Engine'),
      run: () => changeSetting('engine', 'embedded'),
      isMeant: servers.isWanted,
    },
  ];
  const picked = await vscode.window.showQuickPick(
    items.filter(({ isMeant }) => isMeant),
    {
      title: host === undefined ? vscode.l10n.t('RocketRide server') : vscode.l10n.t('RocketRide server {0}', host),
      placeHolder: 'error' in status ? status.error.message : '',
    },
  );
  await picked?.run();
}
