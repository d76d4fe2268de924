import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import type { FoundChat } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import type { Conversations } from './conversations.ts';
import type { Drafts } from './drafts.ts';
import { quotedTitle } from './quotedTitle.ts';
import { showError } from './showError.ts';

/** What the notification says instead of the usual, with one more button. */
export interface DeletionNotice {
  readonly message: string;
  readonly button: string;
  readonly onButton: () => unknown;
}

/** Deletes chats and offers to undo that: the one way for panels, the tree and the palette. */
export class ChatDeletion implements Disposable {
  readonly #conversations: Conversations;
  readonly #drafts: Drafts;
  readonly #log: vscode.LogOutputChannel;
  readonly #disposables = new DisposableStore();
  readonly #onWillDelete = this.#disposables.add(new Emitter<ReadonlySet<string>>());
  /** Chats are about to go; a view that shows one of them looks for another. */
  readonly onWillDelete = this.#onWillDelete.event;
  readonly #onDidRestore = this.#disposables.add(new Emitter<ReadonlySet<string>>());
  /** Chats are back; a view that had to leave one of them may show it again. */
  readonly onDidRestore = this.#onDidRestore.event;

  constructor(options: { conversations: Conversations; drafts: Drafts; log: vscode.LogOutputChannel }) {
    this.#conversations = options.conversations;
    this.#drafts = options.drafts;
    this.#log = options.log;
  }

  /** Moves chats to the trash, those that are being answered once that is stopped. Does not wait for an undo. */
  async delete(chats: readonly FoundChat[], notice?: DeletionNotice): Promise<void> {
    const ids = new Set(chats.map(({ entry }) => entry.guid));
    await Promise.all([...ids].map((id) => this.#conversations.stop(id)));
    this.#onWillDelete.fire(ids);
    const drafts = new Map([...ids].map((id) => [id, this.#drafts.get(id)]));
    const names = new Map<ChatStore, readonly string[]>();
    try {
      for (const [store, found] of Map.groupBy(chats, (chat) => chat.store)) {
        names.set(store, await store.delete(...found.map(({ entry }) => entry.guid)));
      }
      await this.#setDrafts(new Map([...ids].map((id) => [id, ''])));
    } catch (error) {
      this.#onDidRestore.fire(ids);
      throw error;
    }
    const undo = async () => {
      for (const [store, trashed] of names) await store.trash.restore(...trashed);
      await this.#setDrafts(drafts);
      this.#onDidRestore.fire(ids);
    };
    void this.#offerUndo(notice?.message ?? deletedMessage(chats), undo, notice).catch((error) =>
      showError('Chats could not be restored.', error, this.#log),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #offerUndo(message: string, undo: () => Promise<void>, notice: DeletionNotice | undefined): Promise<void> {
    const label = vscode.l10n.t('Undo');
    const chosen = await vscode.window.showInformationMessage(message, label, ...(notice ? [notice.button] : []));
    if (chosen === label) await undo();
    else if (chosen !== undefined) await notice?.onButton();
  }

  async #setDrafts(drafts: ReadonlyMap<string, string>): Promise<void> {
    for (const [id, text] of drafts) if (text !== this.#drafts.get(id)) await this.#drafts.set(id, text);
  }
}

function deletedMessage(chats: readonly FoundChat[]): string {
  const [first] = chats;
  return first && chats.length === 1
    ? vscode.l10n.t('Deleted {0}.', quotedTitle(shownTitle(first.entry)))
    : vscode.l10n.t('Deleted {0} chats.', chats.length);
}
