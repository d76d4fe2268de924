import * as vscode from 'vscode';
import type { ChatStore } from '../chats/chatStore.ts';
import { copyChatTo, moveChat } from '../chats/copy/carryChat.ts';
import { ChatError } from '../protocol/chatError.ts';
import type { FoundChat } from './chatStores.ts';
import { shownTitle } from './chatSummary.ts';
import { chosenChats } from './chosenChats.ts';
import { markdownText } from './markdownText.ts';
import { quotedTitle } from './quotedTitle.ts';
import { serverName } from './serverNames.ts';
import type { Servers } from './servers.ts';
import type { PlaceKind } from './settings.ts';
import { shownChats } from './shownCounts.ts';
import type { StorageServices } from './storageServices.ts';
import { type LongWork, withAbort } from './withAbort.ts';

type How = 'move' | 'copy';

interface Target {
  /** For people. */
  readonly name: string;
  readonly icon: string;
  readonly open: () => Promise<ChatStore>;
  /** undefined for one that is not open yet. */
  readonly store: ChatStore | undefined;
}

interface Outcome {
  readonly carried: readonly FoundChat[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/** How long to wait for the server that chats are to go to, in milliseconds. */
const CONNECT_LIMIT_MS = 20_000;

/**
 * Moves or copies chats to another place: those that a menu hands over, or those that the user picks. A move takes each
 * chat away only after what was written in the other place was compared with it.
 */
export async function carryChats(
  services: StorageServices,
  how: How,
  argument: unknown,
  selection: unknown,
): Promise<void> {
  const chats = await chosenChats(services, argument, selection, how === 'move' ? move() : copy());
  if (chats.length === 0) return;
  const target = await pickTarget(services, chats, how);
  if (!target) return;
  const store = await target.open();
  const title =
    how === 'move'
      ? vscode.l10n.t('Moving chats to {0}', target.name)
      : vscode.l10n.t('Copying chats to {0}', target.name);
  const outcome = await withAbort(title, (work) => carryAll(services, how, chats, store, work));
  if (outcome) await tell(services, how, target.name, outcome);
}

async function pickTarget(
  { stores, servers }: StorageServices,
  chats: readonly FoundChat[],
  how: How,
): Promise<Target | undefined> {
  const isBeside = (kind: PlaceKind) => kind === 'workspace';
  const local = (await stores.places())
    .filter(({ kind }) => kind !== 'server')
    .toSorted((a, b) => Number(isBeside(b.kind)) - Number(isBeside(a.kind)))
    .map(({ kind, store }): Target => {
      const icon = isBeside(kind) ? 'folder' : 'account';
      return { name: stores.placeOf(store), icon, store, open: async () => store };
    });
  const { url, current } = servers;
  const server: Target[] =
    url === undefined
      ? []
      : [{ name: serverName(url), icon: 'server', store: current?.store, open: () => openServer(servers) }];
  const targets = [...local, ...server].filter(({ store }) => chats.some((chat) => chat.store !== store));
  if (targets.length === 0) throw new ChatError('not-found', 'There is no other place yet. Connect to a server first.');
  const title =
    how === 'move'
      ? vscode.l10n.t('Move {0} to which place?', shownChats(chats.length))
      : vscode.l10n.t('Copy {0} to which place?', shownChats(chats.length));
  const picked = await vscode.window.showQuickPick(
    targets.map((target) => ({ label: target.name, iconPath: new vscode.ThemeIcon(target.icon), target })),
    { title },
  );
  return picked?.target;
}

/** @throws ChatError when nothing can be written there. */
async function openServer(servers: Servers): Promise<ChatStore> {
  const { store } = await servers.open();
  await servers.settled(CONNECT_LIMIT_MS);
  const { status } = servers;
  if ('error' in status) throw ChatError.fromShape(status.error);
  if (status.kind !== 'ready') throw new ChatError('server-offline', 'The server did not answer in time. Try again.');
  if (status.canStore) return store;
  throw new ChatError('server-forbidden', 'The key does not allow chats to be kept on the server. Set another one.');
}

async function carryAll(
  { conversations, newId, now, stores }: StorageServices,
  how: How,
  chats: readonly FoundChat[],
  target: ChatStore,
  { signal, onProgress }: LongWork,
): Promise<Outcome> {
  const carried: FoundChat[] = [];
  const refused: { name: string; reason: string }[] = [];
  for (const [at, chat] of chats.entries()) {
    if (signal.aborted) break;
    const { store, entry } = chat;
    try {
      if (store === target) throw new ChatError('invalid', 'It is kept there already.');
      if (conversations.isRunning(entry.guid)) {
        throw new ChatError('contended', 'A question is being answered in it. Wait for the answer, or stop it.');
      }
      if (how === 'move') await moveChat(store, entry.guid, target);
      else await copyChatTo(store, entry.guid, target, { newId, now });
      carried.push(chat);
    } catch (error) {
      const { code, message } = ChatError.from(error);
      if (code === 'internal') throw error;
      refused.push({ name: shownTitle(entry), reason: message });
      // Each of the others would wait for the server just as long.
      if (code === 'server-offline') break;
    } finally {
      onProgress(at + 1, chats.length);
    }
  }
  if (how === 'move' && carried.length > 0) stores.moved(new Set(carried.map(({ entry }) => entry.guid)));
  return { carried, refused };
}

async function tell({ reports }: StorageServices, how: How, place: string, outcome: Outcome): Promise<void> {
  const { carried, refused } = outcome;
  const count = shownChats(carried.length);
  const done =
    how === 'move'
      ? vscode.l10n.t('{0} moved to {1}.', count, place)
      : vscode.l10n.t('{0} copied to {1}.', count, place);
  const [only] = refused;
  if (!only) {
    void vscode.window.showInformationMessage(done);
    return;
  }
  if (refused.length === 1) {
    const message = vscode.l10n.t('{0} {1} stays where it is: {2}', done, quotedTitle(only.name), only.reason);
    void vscode.window.showWarningMessage(message);
    return;
  }
  const showReport = vscode.l10n.t('Show Report');
  const message = vscode.l10n.t('{0} {1} stay where they are.', done, shownChats(refused.length));
  if ((await vscode.window.showWarningMessage(message, showReport)) !== showReport) return;
  const lines = refused.map(({ name, reason }) => `- **${markdownText(name)}**: ${markdownText(reason)}`);
  await reports.show(
    vscode.l10n.t('Chats'),
    [`# ${vscode.l10n.t('Stay where they are')}`, '', ...lines, ''].join('\n'),
  );
}

function move(): string {
  return vscode.l10n.t('Move which chats?');
}

function copy(): string {
  return vscode.l10n.t('Copy which chats?');
}
