import * as vscode from 'vscode';
import { DEFAULT_TITLE } from '../chats/catalog.ts';
import { duplicateChat as duplicate } from '../chats/copy/copyChat.ts';
import { shownTitle } from './chatSummary.ts';
import { findChat, MISSING_PIPELINE } from './findChat.ts';
import type { StorageServices } from './storageServices.ts';

/** Makes a copy of a chat and opens it. */
export async function duplicateChat(services: StorageServices, argument?: unknown): Promise<void> {
  const { index, newId, now, panels } = services;
  const found = await findChat(services, argument, vscode.l10n.t('Duplicate Chat'));
  if (!found) return;
  const id = await duplicate(found.store, found.entry.guid, { newId, now });
  // Its first question would name it like the original.
  if (found.entry.title === DEFAULT_TITLE) {
    await found.store.update(id, { title: vscode.l10n.t('{0} (copy)', shownTitle(found.entry)) });
  }
  const [file] = await index.filesOf(found.entry.pipeline_id);
  await panels.open(file ?? MISSING_PIPELINE, id);
}
