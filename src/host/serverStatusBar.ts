import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import type { Event } from '../util/emitter.ts';
import { serverStatusText } from './serverStatusText.ts';
import type { Servers } from './servers.ts';

const COLOURS = { none: undefined, warning: 'statusBarItem.warningBackground', error: 'statusBarItem.errorBackground' };

export interface ServerStatusBarOptions {
  readonly servers: Servers;
  /** Whether anything that has to do with pipelines is in sight. */
  readonly isInSight: () => boolean;
  readonly onDidChangeSight: Event<unknown>;
}

/** Shows in the status bar how things stand with the server, while a pipeline or the chats are in sight. */
export class ServerStatusBar implements Disposable {
  readonly #options: ServerStatusBarOptions;
  readonly #disposables = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #tick: NodeJS.Timeout | undefined;

  constructor(options: ServerStatusBarOptions) {
    this.#options = options;
    this.#item = this.#disposables.add(
      vscode.window.createStatusBarItem('pipelineChat.server', vscode.StatusBarAlignment.Left),
    );
    this.#item.name = vscode.l10n.t('RocketRide Server');
    this.#item.command = 'pipelineChat.serverActions';
    for (const event of [options.servers.onDidChange, options.onDidChangeSight]) {
      this.#disposables.add(event(() => this.#draw()));
    }
    this.#disposables.add(vscode.window.tabGroups.onDidChangeTabs(() => this.#draw()));
    this.#draw();
  }

  dispose(): void {
    clearTimeout(this.#tick);
    this.#disposables.dispose();
  }

  #draw(): void {
    clearTimeout(this.#tick);
    const { servers, isInSight } = this.#options;
    const { status, host } = servers;
    const shown = servers.isWanted && isInSight() ? serverStatusText(status, host, Date.now()) : undefined;
    if (!shown) {
      this.#item.hide();
      return;
    }
    this.#item.text = shown.text;
    this.#item.tooltip = shown.tooltip;
    // The seconds would be read out over and over.
    this.#item.accessibilityInformation = { label: `${this.#item.name}: ${shown.tooltip}`, role: 'button' };
    const colour = COLOURS[shown.severity];
    this.#item.backgroundColor = colour === undefined ? undefined : new vscode.ThemeColor(colour);
    this.#item.show();
    if (status.kind === 'offline') this.#tick = setTimeout(() => this.#draw(), 1000);
  }
}
