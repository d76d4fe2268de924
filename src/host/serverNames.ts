import * as vscode from 'vscode';

/** The host and its port, as people know a server. */
export function serverHost(url: string): string {
  return new URL(url).host;
}

/** A server as a place for chats, for people. */
export function serverName(url: string): string {
  return vscode.l10n.t('RocketRide server {0}', serverHost(url));
}
