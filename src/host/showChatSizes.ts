import * as vscode from 'vscode';
import { chatSizes, trashSize } from '../chats/chatSizes.ts';
import type { ChatPlace, ChatStores, FoundChat } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { MISSING_PIPELINE } from './findChat.ts';
import { pipelineName } from './pipelineFile.ts';
import { shownBytes, shownChats, shownTurns } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';

interface Sized extends FoundChat {
  readonly bytes: number;
}

/** Lists the chats by what they take on disk, the largest first; picking one opens it. */
export async function showChatSizes({ stores, index, panels }: StorageServices): Promise<void> {
  const { chats, trashBytes } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Measuring chats') },
    () => measure(stores),
  );
  const bytes = chats.reduce((sum, chat) => sum + chat.bytes, trashBytes);
  const total = vscode.l10n.t('{0}, {1} in all', shownChats(chats.length), shownBytes(bytes));
  const title = trashBytes > 0 ? vscode.l10n.t('{0} ({1} of it deleted chats)', total, shownBytes(trashBytes)) : total;
  const items = chats.map(async ({ entry, bytes }) => {
    const [file] = await index.filesOf(entry.pipeline_id);
    const pipeline = file ? pipelineName(file) : vscode.l10n.t('Pipeline not found');
    const detail = [pipeline, shownTurns(entry.message_count)].join(' · ');
    return { label: shownTitle(entry), description: shownBytes(bytes), detail, id: entry.guid, file };
  });
  const picked = await vscode.window.showQuickPick(await Promise.all(items), { title, matchOnDetail: true });
  if (picked) await panels.open(picked.file ?? MISSING_PIPELINE, picked.id);
}

async function measure(stores: ChatStores): Promise<{ chats: readonly Sized[]; trashBytes: number }> {
  const { chats } = await stores.list();
  const places = await stores.places();
  const measured = await Promise.all(places.map((place) => measurePlace(place, chats)));
  return {
    chats: measured.flatMap((one) => one.chats).sort((a, b) => b.bytes - a.bytes),
    trashBytes: measured.reduce((sum, one) => sum + one.trashBytes, 0),
  };
}

async function measurePlace({ store }: ChatPlace, all: readonly FoundChat[]) {
  const found = all.filter((chat) => chat.store === store);
  const sizes = await chatSizes(
    store.files,
    found.map(({ entry }) => entry.guid),
  );
  const chats = found.map((chat): Sized => ({ ...chat, bytes: sizes.get(chat.entry.guid) ?? 0 }));
  return { chats, trashBytes: await trashSize(store.files) };
}
