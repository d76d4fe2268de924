import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CatalogEntry } from '../../src/chats/catalog.ts';
import { openChat, readCatalog } from '../support/sdkRules.ts';
import { type CheckOptions, check, checkList, type Verdict } from './checker.ts';
import { ServerWindow } from './serverWindow.ts';
import type { TortureEvent } from './tortureEvent.ts';
import type { TortureServer } from './tortureServer.ts';

/** By then a file whose writer is gone was brought in order by the window that found it. */
const SETTLED_MS = 2500;

/**
 * What a fresh window finds on a server, and what lies on its disk once that window has opened every chat, closed every
 * question that nobody answers any more, and compared the list with the files.
 */
export async function serverVerdict(
  server: TortureServer,
  root: string,
  events: readonly TortureEvent[],
  how: CheckOptions,
): Promise<Verdict> {
  const violations: string[] = [];
  const fresh = new ServerWindow(server.address);
  violations.push(...checkList(await fresh.window.store.list(), events).map((what) => `first list: ${what}`));
  await fresh.window.store.check();
  violations.push(...(await openEach(fresh)));
  await delay(SETTLED_MS);
  await fresh.window.store.check();
  const listed = await fresh.window.store.list();
  violations.push(...checkList(listed, events));
  await fresh.close();
  const { violations: found, counts } = check(root, events, 0, how);
  const saved = listed.filter(({ guid }) => !isGivenUp(root, guid, events));
  violations.push(...found, ...versionsTwice(events), ...bySdk(root, saved), ...leftBeside(root, saved));
  const again = new ServerWindow(server.address);
  await again.files.remove('catalog.json');
  violations.push(...differences(saved, await again.window.store.list()));
  await again.close();
  return { violations, counts };
}

/** Opens every chat as a user does, and gives up what nobody answers. */
async function openEach({ window }: ServerWindow): Promise<string[]> {
  const violations: string[] = [];
  for (const { guid } of await window.store.list()) {
    const chat = window.open(guid, { isSaved: true });
    await chat.refresh();
    while (chat.hasOlder) await chat.loadOlder();
    if (chat.problem) violations.push(`chat ${guid}: ${chat.problem.message}`);
    for (const { id, state } of chat.turns) {
      if (state === 'elsewhere') violations.push(`chat ${guid}: is said to be answered though everybody is gone`);
      if (state === 'interrupted') await chat.resolve(id, 'discard', () => Promise.reject(new Error('Not asked.')));
    }
    chat.dispose();
  }
  return violations;
}

/** A chat that its window could not make to the end, and could not take back: where nothing can be deleted it is empty. */
function isGivenUp(root: string, guid: string, events: readonly TortureEvent[]): boolean {
  const isSaid = events.some((event) => event.event === 'created' && event.chat === guid);
  return !isSaid && statSync(join(root, guid, 'chat.jsonl'), { throwIfNoEntry: false })?.size === 0;
}

/** Whoever writes the list raises its version: that of an acknowledged write is no other's. */
function versionsTwice(events: readonly TortureEvent[]): string[] {
  const written = events.flatMap((event) => (event.event === 'wrote' ? [event.version] : []));
  const twice = written.filter((version, at) => written.indexOf(version) !== at);
  return twice.map((version) => `catalog: version ${version} was written twice`);
}

/** The SDKs read the same chats, with every turn. */
function bySdk(root: string, listed: readonly CatalogEntry[]): string[] {
  const { chats } = readCatalog(readFileSync(join(root, 'catalog.json'), 'utf8'));
  const missing = listed.filter(({ guid }) => !chats.some((row) => row.guid === guid));
  const violations = missing.map(({ guid }) => `chat ${guid}: is not in the list of the SDKs`);
  // An entry without a folder is of a chat that was not made, or not put back, to the end.
  for (const { guid, message_count } of chats.filter((row) => listed.some((entry) => entry.guid === row.guid))) {
    for (const flavour of ['typescript', 'python'] as const) {
      try {
        const { turns } = openChat(flavour, guid, readFileSync(join(root, guid, 'chat.jsonl'), 'utf8'));
        if (turns.length === message_count) continue;
        violations.push(`chat ${guid}: ${turns.length} of ${message_count} turns for the ${flavour} SDK`);
      } catch (error) {
        violations.push(`chat ${guid}: the ${flavour} SDK can't open it: ${error}`);
      }
    }
  }
  return violations;
}

/** What is kept beside the files of the chats that are listed is in them by now. */
function leftBeside(root: string, listed: readonly CatalogEntry[]): string[] {
  const folder = join(root, '.aside');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const [head = ''] = readFileSync(join(folder, name), 'utf8').split('\n', 1);
    const about = /"for":"([^"]*)"/.exec(head)?.[1] ?? '';
    const [first = ''] = about.split('/');
    const isShown = about === 'catalog.json' || listed.some(({ guid }) => guid === first);
    // Of an answer that nobody waits for any more nobody looks at the part that came first.
    return !isShown || about.includes('/partial-') ? [] : [`left beside ${about}: ${head.slice(0, 200)}`];
  });
}

/**
 * The list that is made anew from the folders is the one that was there. The preview may be another: of a question that
 * was given up long after it was asked a large transcript does not tell.
 */
function differences(before: readonly CatalogEntry[], rebuilt: readonly CatalogEntry[]): string[] {
  const rows = (entries: readonly CatalogEntry[]) =>
    new Map(entries.map(({ preview: _, ...entry }) => [entry.guid, JSON.stringify(Object.entries(entry).sort())]));
  const [old, made] = [rows(before), rows(rebuilt)];
  const all = new Set([...old.keys(), ...made.keys()]);
  return [...all].flatMap((guid) =>
    old.get(guid) === made.get(guid)
      ? []
      : [`chat ${guid}: listed as ${old.get(guid)}, and rebuilt as ${made.get(guid)}`],
  );
}
