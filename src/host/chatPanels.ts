import * as vscode from 'vscode';
import { viewState } from '../protocol/contract.ts';
import type { Port } from '../protocol/rpc.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { pageHtml, pageRoot } from './pageHtml.ts';
import { PipelineFile } from './pipelineFile.ts';
import { type StartChat, type ViewServices, ViewSession } from './viewSession.ts';

export const PANEL_TYPE = 'pipelineChat.panel';

interface Shown {
  readonly panel: vscode.WebviewPanel;
  readonly session: ViewSession;
}

/** The chat panels of this window: one beside each pipeline, brought back after a reload. */
export class ChatPanels implements Disposable, vscode.WebviewPanelSerializer {
  readonly #shown = new Map<string, Shown>();
  readonly #context: vscode.ExtensionContext;
  readonly #services: ViewServices;
  readonly #disposables = new DisposableStore();

  constructor(context: vscode.ExtensionContext, services: ViewServices) {
    this.#context = context;
    this.#services = services;
    this.#disposables.add(vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this));
  }

  /** Whether a panel is in sight. */
  get isVisible(): boolean {
    return [...this.#shown.values()].some(({ panel }) => panel.visible);
  }

  /** The session of the panel that has the focus, or had it last and is in sight. */
  get active(): ViewSession | undefined {
    const all = [...this.#shown.values()];
    return (all.find(({ panel }) => panel.active) ?? all.find(({ panel }) => panel.visible))?.session;
  }

  /** Shows the panel of a pipeline, with a chat if one is named; `null` starts a new one. */
  async open(pipeline: vscode.Uri, chatId?: string | null, how: { isPrivate?: boolean } = {}): Promise<ViewSession> {
    const shown = this.#shown.get(pipeline.toString()) ?? this.#create(pipeline, { chatId, ...how });
    shown.panel.reveal(undefined, false);
    await shown.session.started;
    if (chatId !== undefined) await shown.session.openChat(chatId, how.isPrivate);
    shown.session.focusComposer();
    return shown.session;
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const parsed = viewState.safeParse(state);
    if (!parsed.success) {
      // A state of another version: an empty panel would help nobody.
      panel.dispose();
      return;
    }
    const pipeline = vscode.Uri.parse(parsed.data.pipelineUri);
    if (this.#shown.has(pipeline.toString())) return panel.dispose();
    await this.#attach(panel, pipeline, parsed.data).session.started;
  }

  dispose(): void {
    for (const { panel } of this.#shown.values()) panel.dispose();
    this.#disposables.dispose();
  }

  #create(pipeline: vscode.Uri, start: StartChat): Shown {
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    const panel = vscode.window.createWebviewPanel(PANEL_TYPE, '', beside);
    return this.#attach(panel, pipeline, start);
  }

  #attach(panel: vscode.WebviewPanel, pipeline: vscode.Uri, start: StartChat): Shown {
    const { extensionUri, workspaceState } = this.#context;
    panel.webview.options = { enableScripts: true, localResourceRoots: [pageRoot(extensionUri)] };
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'chat.svg');
    const file = new PipelineFile(pipeline, workspaceState);
    const port: Port = {
      post: (message) => void panel.webview.postMessage(message),
      onMessage: (listener) => panel.webview.onDidReceiveMessage(listener),
    };
    const session = new ViewSession({ port, file, services: this.#services, start });
    const showTitle = () => {
      panel.title = session.title ? `${file.name}: ${session.title}` : file.name;
    };
    showTitle();
    const shown = { panel, session };
    this.#shown.set(pipeline.toString(), shown);
    const subscription = session.onDidChange(showTitle);
    panel.onDidDispose(() => {
      this.#shown.delete(pipeline.toString());
      subscription.dispose();
      session.dispose();
      file.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, pipeline);
    return shown;
  }
}
