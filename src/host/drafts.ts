import type * as vscode from 'vscode';

const KEY = 'drafts';
/** The oldest drafts go when there are more. */
const MOST = 200;

/** What was typed and not sent, for each chat of this window; survives reloads. */
export class Drafts {
  readonly #memory: vscode.Memento;
  #drafts: Readonly<Record<string, string>>;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    this.#drafts = memory.get<Record<string, string>>(KEY, {});
  }

  get(chatId: string): string {
    return this.#drafts[chatId] ?? '';
  }

  async set(chatId: string, text: string): Promise<void> {
    const { [chatId]: _replaced, ...others } = this.#drafts;
    const drafts = Object.entries(text === '' ? others : { ...others, [chatId]: text });
    this.#drafts = Object.fromEntries(drafts.slice(-MOST));
    await this.#memory.update(KEY, this.#drafts);
  }
}
