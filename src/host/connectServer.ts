import * as vscode from 'vscode';
import { ChatError } from '../protocol/chatError.ts';
import type { ParseAddress } from './server.ts';
import { serverHost } from './serverNames.ts';
import { type ServerProposal, serverProposal } from './serverProposal.ts';
import type { Servers } from './servers.ts';
import { readSettings, writeSetting } from './settings.ts';

/** Asks for a server and its key, has pipelines run there from then on, and connects. */
export async function connectServer(servers: Servers, parseAddress: ParseAddress): Promise<void> {
  const proposal = serverProposal(knownServers());
  const text = await askAddress(proposal, servers.url, parseAddress);
  if (text === undefined) return;
  const address = parseAddress(text);
  const { keys } = servers;
  const target = await pickTarget();
  if (target === undefined) return;
  if (!(await keys.get(address))) {
    const isProposed = proposal.url !== '' && parseAddress(proposal.url).base === address.base;
    const key = await keys.ask(address, isProposed ? proposal.key : undefined);
    if (key === undefined) return;
    if (key !== '') await keys.store(address, key);
  }
  // Not as it was typed: an address that is copied from elsewhere may have a key behind it.
  await writeSetting('server.url', address.base, target);
  await writeSetting('engine', 'server', target);
  await servers.connect();
  const { engine, serverUrl } = readSettings();
  if (engine !== 'server' || serverUrl !== address.base) {
    throw new ChatError('invalid', 'A setting of this workspace or folder overrules what was set. Change it there.');
  }
}

/** Asks for the key to the server in use, and keeps it. */
export async function setServerKey(servers: Servers): Promise<void> {
  const { address } = servers;
  const key = await servers.keys.ask(address);
  if (!key) return;
  await servers.keys.store(address, key);
  await servers.connect();
}

export async function forgetServerKey(servers: Servers): Promise<void> {
  const { address } = servers;
  const host = serverHost(address.base);
  if (!(await servers.keys.isStored(address))) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No key of {0} is kept.', host));
    return;
  }
  await servers.keys.forget(address);
  void vscode.window.showInformationMessage(vscode.l10n.t('The key of {0} is forgotten.', host));
}

async function askAddress(
  { url, why }: ServerProposal,
  inUse: string | undefined,
  parseAddress: ParseAddress,
): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Connect to Server'),
    prompt: inUse === undefined ? why : vscode.l10n.t('The address of the RocketRide server.'),
    value: inUse ?? url,
    placeHolder: 'localhost:5565',
    ignoreFocusOut: true,
    validateInput: (value) => problemOf(value, parseAddress),
  });
  return text?.trim();
}

function problemOf(text: string, parseAddress: ParseAddress): string | undefined {
  try {
    parseAddress(text);
    return undefined;
  } catch (error) {
    return ChatError.from(error).message;
  }
}

async function pickTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  if (!vscode.workspace.workspaceFolders || !vscode.workspace.isTrusted) return Global;
  const picked = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('This workspace'), target: Workspace },
      { label: vscode.l10n.t('All windows'), description: vscode.l10n.t('your user settings'), target: Global },
    ],
    { title: vscode.l10n.t('Run pipelines on this server in which windows?') },
  );
  return picked?.target;
}

/** What the RocketRide extension is set to; of a workspace that is not trusted, only what the user set. */
function knownServers() {
  const configuration = vscode.workspace.getConfiguration('rocketride');
  const read = (name: string): unknown =>
    vscode.workspace.isTrusted ? configuration.get(name) : configuration.inspect(name)?.globalValue;
  return {
    connectionMode: read('development.connectionMode') ?? read('connectionMode'),
    hostUrl: read('development.hostUrl') || read('hostUrl'),
  };
}
