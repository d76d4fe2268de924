import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { ChatPage } from './chatPage.ts';
import { ensureChromium, launchChromium } from './chromium.ts';
import { type DemoModel, startDemoModel } from './demoModel.ts';
import { panelIsStored } from './panelIsStored.ts';
import { fillSampleWorkspace, temporarySampleWorkspace } from './sampleWorkspace.ts';
import { VsCodeServer, type VsCodeServerOptions } from './vscodeServer.ts';

/** All that a test of whole windows needs, of its own: samples, demo model, VS Code, browser. */
export class ChatWorld {
  readonly model: DemoModel;
  /** The folder that the windows open: a copy of the samples. */
  readonly workspace: string;
  readonly server: VsCodeServer;
  readonly #browser: Browser;

  private constructor(model: DemoModel, workspace: string, server: VsCodeServer, browser: Browser) {
    this.model = model;
    this.workspace = workspace;
    this.server = server;
    this.#browser = browser;
  }

  static async start(options: VsCodeServerOptions = {}): Promise<ChatWorld> {
    const chromium = await ensureChromium();
    const model = await startDemoModel();
    const workspace = temporarySampleWorkspace(model.port);
    const server = await VsCodeServer.start(options);
    const browser = await launchChromium(chromium);
    return new ChatWorld(model, workspace, server, browser);
  }

  /** Another VS Code window on the same folder, with no editors of an earlier one. */
  async openWindow(): Promise<ChatPage> {
    const context = await this.#browser.newContext({ viewport: { width: 1800, height: 1000 } });
    const window = new ChatPage(await context.newPage());
    await window.goto(this.server.url(this.workspace));
    return window;
  }

  /** Makes the workspace what it was at the start: no chats, the pipelines as in the samples. */
  resetWorkspace(): void {
    for (const name of readdirSync(this.workspace))
      rmSync(join(this.workspace, name), { recursive: true, force: true, maxRetries: 5 });
    fillSampleWorkspace(this.workspace, this.model.port);
  }

  async closeWindows(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
  }

  /** Kills each extension host in the middle of what it does, then loads `window` again. */
  async crash(window: ChatPage): Promise<void> {
    await panelIsStored(window.page);
    if (this.killExtensionHosts() === 0) throw new Error('No extension host was running.');
    await window.loadAgain();
  }

  /** Ends each extension host at once; returns how many there were. */
  killExtensionHosts(): number {
    const pids = this.server.extensionHostPids();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids.length;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.kill();
    await this.model.close();
    rmSync(this.workspace, { recursive: true, force: true });
  }
}
