import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { findFrame } from './findFrame.ts';
import { projectPaths } from './projectPaths.ts';

const START_LIMIT_MS = 60_000;
const LIMIT_MS = 20_000;
const POLL_MS = 250;

/** A VS Code window as its user sees it, and the chat panel in it. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
  }

  /** Shows a window and waits until VS Code is usable in it. */
  async goto(url: string): Promise<void> {
    await this.page.goto(url);
    await this.#ready();
  }

  /** Ends the window in order, as its user does, and shows it anew. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.#ready();
  }

  /** Loads the window anew as a browser does after a crash: VS Code has no time to write anything down. */
  async loadAgain(): Promise<void> {
    await this.page.reload();
    await this.#ready();
  }

  /** Runs a command by the title that the palette shows. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.#choose(`>${title}`, title);
  }

  /** Shows a file at the top of the workspace by its name: by its tab, else from the explorer. */
  async openPipeline(name: string): Promise<void> {
    const tab = this.page.locator(`.tab[data-resource-name="${name}"]`).first();
    if (await tab.isVisible()) {
      await tab.click();
      return;
    }
    const row = this.page.locator(`.explorer-folders-view [role="treeitem"][aria-label^="${name}"]`);
    if (!(await row.isVisible())) await this.runCommand('View: Show Explorer');
    await row.dblclick();
    await tab.waitFor();
  }

  /** Clicks the button in the title of the editor that has the focus. */
  async openChatBeside(): Promise<void> {
    await this.page.locator('.editor-actions a.action-label[aria-label^="Open Chat Beside"]').first().click();
    await this.chatFrame();
  }

  /** The page of the chat panel; `at` counts from 0 when several are in sight. */
  chatFrame(at = 0): Promise<Frame> {
    return findFrame(this.page, '#composer-input', { at, limitMs: START_LIMIT_MS });
  }

  async ask(text: string): Promise<void> {
    await this.type(text);
    await (await this.#composer()).press('Enter');
  }

  /** Puts text into the composer without sending it. */
  async type(text: string): Promise<void> {
    await (await this.#composer()).fill(text);
  }

  async composerText(): Promise<string> {
    return (await this.#composer()).inputValue();
  }

  /** Waits until some of the newest answer has come, but not all. */
  async waitForStreaming(): Promise<void> {
    const turn = (await this.chatFrame()).locator('article.turn.is-newest');
    await turn.locator('.part', { hasText: /\S/ }).waitFor();
    await turn.locator('.outcome.progress').waitFor();
  }

  /** Waits until the newest turn is over and its answer holds `text`. */
  async waitForAnswer(text: string): Promise<void> {
    const frame = await this.chatFrame();
    const turn = frame.locator('article.turn.is-newest');
    await turn.locator('.answer', { hasText: text }).waitFor();
    await turn.locator('.outcome.progress').waitFor({ state: 'detached' });
  }

  async waitForQuestion(text: string): Promise<void> {
    const frame = await this.chatFrame();
    await frame.locator('article.turn .bubble', { hasText: text }).first().waitFor();
  }

  /** A row of the list of chats, which is shown if it is folded. */
  async chatRow(title: string): Promise<Locator> {
    const frame = await this.chatFrame();
    const show = frame.getByRole('button', { name: 'Show chats' });
    if (await show.isVisible()) await show.click();
    return frame.locator('nav li', { has: frame.getByText(title, { exact: true }) }).first();
  }

  async renameChat(title: string, next: string): Promise<void> {
    const row = await this.chatRow(title);
    await row.hover();
    await row.getByRole('button', { name: /^Rename/ }).click();
    const box = (await this.chatFrame()).getByRole('textbox', { name: 'Chat title' });
    await box.fill(next);
    await box.press('Enter');
    await (await this.chatRow(next)).waitFor();
  }

  /** Deletes a chat with two clicks on its trash button. */
  async deleteChat(title: string): Promise<void> {
    const row = await this.chatRow(title);
    await row.hover();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await row.getByRole('button', { name: /^Click again/ }).click();
    await row.waitFor({ state: 'detached' });
  }

  /** Shows the tree of chats in the side bar. */
  async showTree(): Promise<void> {
    const action = this.page.locator('.activitybar .action-item', {
      has: this.page.locator('[aria-label^="Pipeline Chat"]'),
    });
    if (!(await action.evaluate((element) => element.classList.contains('checked')))) await action.click();
  }

  /** A row of the tree by the beginning of what a screen reader says. */
  treeRow(label: string): Locator {
    return this.page.locator(`.sidebar [role="treeitem"][aria-label^="${label}"]`);
  }

  /** What a screen reader says of each row of the tree, from the top. */
  treeLabels(): Promise<(string | null)[]> {
    return this.page
      .locator('.sidebar [role="treeitem"]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
  }

  /** Chooses from the context menu of a row of the tree. */
  async chooseFromMenu(label: string, item: string): Promise<void> {
    await this.treeRow(label).click({ button: 'right' });
    const entry = this.page.locator('.monaco-menu .action-item', { hasText: item }).first();
    // A menu takes no click in its first moment, and stays.
    for (await entry.waitFor(); await entry.isVisible(); await this.page.waitForTimeout(POLL_MS)) await entry.click();
  }

  /**
   * A notification once it is there, in the list behind the bell: under a test driver VS Code shows none by itself. The
   * list closes again while it is empty.
   */
  async notification(text: string | RegExp): Promise<Locator> {
    const list = this.page.locator('.notifications-center');
    const told = list.locator('.notification-list-item', { hasText: text }).first();
    for (const started = Date.now(); Date.now() - started < LIMIT_MS; await this.page.waitForTimeout(POLL_MS)) {
      if (await told.isVisible()) return told;
      if (await list.isVisible()) continue;
      await this.page.locator('[id="status.notifications"]').click();
      // The bell's own tooltip would cover what is in the list.
      await this.page.mouse.move(0, 0);
    }
    throw new Error(`No notification says ${text}.`);
  }

  /** Changes the colours, for instance to `Default Light Modern`. */
  async setTheme(name: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.#choose(name, name);
  }

  /** Saves a picture of the window in `out/` and returns its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(projectPaths.out, { recursive: true });
    const path = join(projectPaths.out, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async #composer(): Promise<Locator> {
    const frame = await this.chatFrame();
    const box = frame.locator('textarea[aria-label^="Ask"]');
    // In a narrow panel the list lies over the chat until it is folded.
    const isCovered = await box.evaluate((element) => element.closest('[inert]') !== null);
    if (isCovered) await frame.getByRole('button', { name: 'Hide chats' }).click();
    return box;
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: START_LIMIT_MS });
    // What extensions contribute is there once our own view is.
    await this.page.locator('.activitybar [aria-label^="Pipeline Chat"]').first().waitFor({ timeout: START_LIMIT_MS });
  }

  async #choose(text: string, row: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    await widget.locator('input[type="text"]').fill(text);
    await widget.locator('.monaco-list-row', { hasText: row }).first().click();
    await widget.waitFor({ state: 'hidden' });
  }
}
