import type { Locator, Page } from 'playwright-core';

const POLL_MS = 500;

/** The box at the top of a VS Code window in which one picks and types. */
export class QuickInput {
  readonly #page: Page;
  readonly widget: Locator;
  readonly rows: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.widget = page.locator('.quick-input-widget');
    this.rows = this.widget.locator('.monaco-list-row');
  }

  /** Runs a command of ours that goes on to ask something. */
  async start(title: string): Promise<void> {
    await this.#page.keyboard.press('F1');
    await this.#box.fill(`>Pipeline Chat: ${title}`);
    await this.rows
      .filter({ hasText: `Pipeline Chat: ${title}` })
      .first()
      .click();
  }

  /** Waits until the box asks this. */
  async asks(title: string | RegExp): Promise<void> {
    await this.widget.getByText(title).first().waitFor();
  }

  async pick(row: string): Promise<void> {
    await this.rows.filter({ hasText: row }).first().click();
  }

  async enter(text: string): Promise<void> {
    await this.#box.fill(text);
    await this.#box.press('Enter');
  }

  /** Chooses a file or folder in VS Code's own dialog, which this box is where the system has none. */
  async enterPath(path: string): Promise<void> {
    // Until it shows what lies where it begins, it overwrites what is typed.
    await this.rows.first().waitFor();
    await this.#box.fill(path);
    const button = this.widget.getByRole('button', { name: 'Import', exact: true });
    // While it looks up what was typed, the button does nothing.
    for (; await button.isVisible(); await this.#page.waitForTimeout(POLL_MS)) {
      await button.evaluateAll(([found]) => found?.dispatchEvent(new MouseEvent('click', { bubbles: true })));
    }
  }

  get #box(): Locator {
    return this.widget.locator('input[type="text"]');
  }
}
