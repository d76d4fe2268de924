import * as vscode from 'vscode';
import { expired, expiredTrash } from '../chats/expired.ts';
import type { Disposable } from '../util/disposable.ts';
import type { ChatDeletion } from './chatDeletion.ts';
import type { ChatStores } from './chatStores.ts';
import type { Conversations } from './conversations.ts';
import { openSettings, readSettings } from './settings.ts';

/** By then the panels of a window that was reloaded are back, and what they show counts as open. */
const START_MS = 5000;
const DAY_MS = 24 * 60 * 60_000;

export interface HousekeepingOptions {
  readonly stores: ChatStores;
  readonly conversations: Conversations;
  readonly deletion: ChatDeletion;
  readonly log: vscode.LogOutputChannel;
}

/** At start and once a day: purges chats that were deleted long ago, and deletes those that nobody touched for long. */
export class Housekeeping implements Disposable {
  readonly #options: HousekeepingOptions;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#timers = [setTimeout(() => void this.#run(), START_MS), setInterval(() => void this.#run(), DAY_MS)];
  }

  dispose(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #run(): Promise<void> {
    const { trashDays, retentionDays } = readSettings();
    try {
      if (trashDays > 0) await this.#purge(trashDays);
      if (retentionDays > 0) await this.#retire(retentionDays);
    } catch (error) {
      this.#options.log.error('Old chats could not be cleared away.', error);
    }
  }

  async #purge(days: number): Promise<void> {
    const { stores, log } = this.#options;
    for (const [store, trashed] of Map.groupBy(await stores.trashed(), (found) => found.store)) {
      const names = expiredTrash(
        trashed.map(({ chat }) => chat),
        days,
        Date.now(),
      ).map(({ name }) => name);
      if (names.length === 0) continue;
      await store.trash.purge(...names);
      log.info(`Purged from ${store.files.location} what was deleted more than ${days} days ago: ${names.join(', ')}`);
    }
  }

  async #retire(days: number): Promise<void> {
    const { stores, conversations, deletion } = this.#options;
    // A list that fell behind would have chats older than they are.
    await stores.check();
    const { chats } = await stores.list();
    const entries = chats.map(({ entry }) => entry);
    const old = new Set(expired(entries, days, Date.now()));
    const moved = chats.filter(({ entry }) => old.has(entry) && !conversations.isOpen(entry.guid));
    if (moved.length === 0) return;
    await deletion.delete(moved, {
      message:
        moved.length === 1
          ? vscode.l10n.t('Moved 1 chat to Recently Deleted that was not touched for {0} days.', days)
          : vscode.l10n.t(
              'Moved {0} chats to Recently Deleted that were not touched for {1} days.',
              moved.length,
              days,
            ),
      button: vscode.l10n.t('Show Setting'),
      onButton: () => openSettings('retentionDays'),
    });
  }
}
