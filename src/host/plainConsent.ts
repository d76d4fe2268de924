import * as vscode from 'vscode';
import type { ServerAddress } from './server.ts';
import { serverHost } from './serverNames.ts';

const CONSENTS = 'plainServers';

/** Asks once for each server whether keys and chats may go to it unencrypted. */
export class PlainConsent {
  readonly #memory: vscode.Memento;
  /** Asked already in this window. */
  readonly #refused = new Set<string>();

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** True at once for what stays on this machine or is encrypted. @param isAsked the user wants to be asked again */
  async allow({ base, isEncrypted, isLoopback }: ServerAddress, isAsked = false): Promise<boolean> {
    if (isEncrypted || isLoopback || this.#memory.get<readonly string[]>(CONSENTS, []).includes(base)) return true;
    if (this.#refused.has(base) && !isAsked) return false;
    const connect = vscode.l10n.t('Connect Unencrypted');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Connect to {0} without encryption?', serverHost(base)),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Whoever is on the way to the server can read your key and your chats. Use an address that begins with https:// if the server has one.',
        ),
      },
      connect,
    );
    if (answer !== connect) {
      this.#refused.add(base);
      return false;
    }
    await this.#memory.update(CONSENTS, [...this.#memory.get<readonly string[]>(CONSENTS, []), base]);
    return true;
  }
}
