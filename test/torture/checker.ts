import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TortureEvent } from './tortureEvent.ts';

/** What lies on disk, held against what the workers said. Reads plain files and knows nothing of the store. */
export interface Verdict {
  readonly violations: readonly string[];
  readonly counts: {
    readonly chats: number;
    readonly asked: number;
    readonly answered: number;
    readonly renamed: number;
    readonly deleted: number;
    /** Turns that were on disk when their worker was killed before it could say so. */
    readonly unacknowledged: number;
    /** Halves of lines that a kill left; none of them was said to be safe. */
    readonly torn: number;
  };
}

interface Line {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly seq?: unknown;
  readonly title?: unknown;
  readonly deleted?: unknown;
  readonly question?: { readonly questions?: readonly { readonly text?: unknown }[] };
  readonly answer?: { readonly answers?: readonly unknown[] };
}

interface Row {
  readonly guid: string;
  readonly title: string;
  readonly message_count: number;
}

export interface CheckOptions {
  /** Checks just this chat while others go on, so that more may be on disk than was heard. */
  readonly only?: string | undefined;
  /** Codes of errors that nobody could keep from a user. */
  readonly excused?: readonly string[];
  /** Deleted chats stay where they are and are marked, because the storage can't move them. */
  readonly isMarking?: boolean;
}

/** @param kills how many workers were killed; without kills there is no torn line. */
export function check(root: string, events: readonly TortureEvent[], kills: number, how: CheckOptions = {}): Verdict {
  const { only, excused = [], isMarking = false } = how;
  const violations: string[] = [];
  const counts = { chats: 0, asked: 0, answered: 0, renamed: 0, deleted: 0, unacknowledged: 0, torn: 0 };
  const catalog = readCatalog(root, violations);
  for (const [chat, told] of byChat(events)) {
    if (only !== undefined && chat !== only) continue;
    counts.chats += 1;
    const row = catalog.find(({ guid }) => guid === chat);
    const bad = (what: string) => violations.push(`chat ${chat}: ${what}`);
    checkPlace(root, chat, told, row, bad, isMarking);
    const lines = readLines(pathOf(root, chat, 'chat.jsonl'), kills > 0, bad);
    counts.torn += lines.torn;
    // While others go on, one may be writing and one may have died just now.
    if (lines.torn > kills + (only === undefined ? 0 : 2)) bad(`${lines.torn} torn lines by ${kills} kills`);
    const turnCount = checkTurns(lines.parsed, told, bad);
    const meta = readLines(
      pathOf(root, chat, 'meta.jsonl'),
      kills > 0,
      only === undefined ? bad : () => undefined,
    ).parsed;
    if (only === undefined) checkTitle(meta, told, row, bad);
    const isMarked = meta.findLast(({ deleted }) => deleted !== undefined)?.deleted === true;
    if (isMarking && lastFate(told) === 'deleted' && !isMarked) bad('deleted, and not marked so');
    for (const event of told) {
      const mayBe = event.event === 'refused' && event.code === 'not-found' && count(told, 'deleting') > 0;
      if (event.event === 'refused' && !mayBe && !excused.includes(event.code))
        bad(`refused as ${event.code}: ${event.message}`);
    }
    if (only === undefined && row && row.message_count !== turnCount)
      bad(`${row.message_count} turns listed of ${turnCount}`);
    const answered = count(told, 'answered');
    counts.asked += count(told, 'asked');
    counts.answered += answered;
    counts.renamed += count(told, 'renamed');
    counts.deleted += count(told, 'deleted');
    counts.unacknowledged += turnCount - answered;
  }
  return { violations, counts };
}

/**
 * `version` rises by exactly one with each write of the catalog.
 * @param isExact none is written for nothing: one for each new chat, turn, rename and delete that was said to be done, but
 * that turns which ended together may be told together
 */
export function checkVersion(root: string, events: readonly TortureEvent[], isExact: boolean): string[] {
  const { version } = JSON.parse(readFileSync(join(root, 'catalog.json'), 'utf8'));
  const written = events.flatMap((event) => (event.event === 'wrote' ? [event.version] : [])).sort((a, b) => a - b);
  const turns = count(events, 'answered');
  const changes = ['created', 'renamed', 'deleted'].reduce((sum, kind) => sum + count(events, kind), turns);
  const violations: string[] = [];
  const wrong = written.findIndex((one, at) => one !== at + 1);
  if (wrong >= 0) violations.push(`catalog: version ${written[wrong]} was written as number ${wrong + 1}`);
  if (written.length !== version) violations.push(`catalog: version ${version} after ${written.length} writes`);
  if (isExact && (version > changes || version < changes - turns))
    violations.push(`catalog: version ${version} after ${changes} changes`);
  return violations;
}

/** What a fresh process lists: every chat that somebody was told of, none that was said to be deleted. */
export function checkList(
  listed: readonly { readonly guid: string; readonly title: string }[],
  events: readonly TortureEvent[],
): string[] {
  const titles = new Map(listed.map(({ guid, title }) => [guid, title]));
  const violations: string[] = [];
  for (const [chat, told] of byChat(events)) {
    const title = titles.get(chat);
    if (title === undefined && count(told, 'asked') > 0 && isUndisturbed(told)) {
      violations.push(`chat ${chat}: missing from the list`);
    }
    if (title !== undefined && lastFate(told) === 'deleted') violations.push(`chat ${chat}: deleted, and in the list`);
    if (title !== undefined && !possibleTitles(told).has(title)) violations.push(`chat ${chat}: listed as "${title}"`);
  }
  if (titles.size !== listed.length) violations.push('list: a chat is there twice');
  return violations;
}

function readCatalog(root: string, violations: string[]): Row[] {
  const path = join(root, 'catalog.json');
  if (!existsSync(path)) return [];
  try {
    const { chats } = JSON.parse(readFileSync(path, 'utf8'));
    if (new Set(chats.map(({ guid }: Row) => guid)).size !== chats.length)
      violations.push('catalog: a chat is there twice');
    return chats;
  } catch (error) {
    violations.push(`catalog: ${error}`);
    return [];
  }
}

function checkPlace(
  root: string,
  chat: string,
  told: readonly TortureEvent[],
  row: Row | undefined,
  bad: (what: string) => void,
  isMarking: boolean,
): void {
  const isDeleted = lastFate(told) === 'deleted';
  const isKept = count(told, 'asked') > 0 && isUndisturbed(told);
  if (isDeleted && row) bad('deleted, and in the catalog');
  if (isDeleted && !isMarking && existsSync(join(root, chat, 'chat.jsonl'))) bad('deleted, and its folder is there');
  if (isKept && !row) bad('missing from the catalog');
  if (isKept && !existsSync(join(root, chat, 'chat.jsonl'))) bad('its transcript is gone');
}

/** Every turn once and whole, `seq` from 1 on by one; returns how many turns there are. */
function checkTurns(lines: readonly Line[], told: readonly TortureEvent[], bad: (what: string) => void): number {
  const asks = new Map<unknown, string>();
  const turns = new Map<unknown, Line>();
  for (const line of lines) {
    if (line.type === 'ask') {
      if (asks.has(line.id)) bad(`ask ${line.id} is there twice`);
      asks.set(line.id, textOf(line));
    }
    if (line.type !== 'turn') continue;
    if (turns.has(line.id)) bad(`turn ${line.id} is there twice`);
    if (!asks.has(line.id)) bad(`turn ${line.id} comes before its ask`);
    turns.set(line.id, line);
    if (line.seq !== turns.size) bad(`turn number ${turns.size} has seq ${line.seq}`);
    if (line.answer?.answers?.[0] !== `Answer to ${asks.get(line.id)}`) bad(`turn ${line.id} has another answer`);
    if (textOf(line) !== asks.get(line.id)) bad(`turn ${line.id} has another question`);
  }
  for (const event of told) {
    if (event.event === 'asked' && asks.get(event.id) !== event.text) bad(`ask ${event.id} is lost`);
    if (event.event === 'answered' && !turns.has(event.id)) bad(`turn ${event.id} is lost`);
  }
  return turns.size;
}

/** The title in the catalog, and that in the chat's own folder, is one that nobody was told to be replaced. */
function checkTitle(
  meta: readonly Line[],
  told: readonly TortureEvent[],
  row: Row | undefined,
  bad: (what: string) => void,
): void {
  const possible = possibleTitles(told);
  const own = meta.findLast(({ title }) => title !== undefined)?.title ?? 'Untitled chat';
  if (!possible.has(own)) bad(`title "${own}" in its folder, where there can be ${[...possible].join(', ')}`);
  if (row && !possible.has(row.title)) bad(`title "${row.title}", where there can be ${[...possible].join(', ')}`);
}

/** A title can stand unless another rename began after it was done, and is done. */
function possibleTitles(told: readonly TortureEvent[]): Set<unknown> {
  const renames = told.flatMap((begun) => {
    if (begun.event !== 'renaming') return [];
    const done = told.find((event) => event.event === 'renamed' && event.title === begun.title);
    return [{ title: begun.title, from: begun.at, to: done?.at ?? Number.POSITIVE_INFINITY }];
  });
  const lastStart = Math.max(...renames.flatMap(({ from, to }) => (Number.isFinite(to) ? [from] : [])));
  const possible = new Set<unknown>(renames.flatMap(({ title, to }) => (to >= lastStart ? [title] : [])));
  return renames.some(({ to }) => Number.isFinite(to)) ? possible : possible.add('Untitled chat');
}

/** Whole lines must be JSON. After kills there may be halves: never said to be safe, so counted and no more. */
function readLines(path: string | undefined, mayBeTorn: boolean, bad: (what: string) => void) {
  const parsed: Line[] = [];
  let torn = 0;
  const lines = path === undefined ? [] : readFileSync(path, 'utf8').split('\n');
  const tail = lines.pop() ?? '';
  for (const line of [...lines, ...(tail === '' ? [] : [tail])]) {
    try {
      parsed.push(JSON.parse(line));
    } catch {
      if (mayBeTorn && line.startsWith('{')) torn += 1;
      else bad(`unreadable line ${JSON.stringify(line.slice(0, 80))} in ${path}`);
    }
  }
  if (tail !== '' && !mayBeTorn) bad(`${path} does not end with a whole line`);
  return { parsed, torn };
}

function pathOf(root: string, chat: string, name: string): string | undefined {
  const folders = [join(root, chat), join(root, '.trash', chat)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function byChat(events: readonly TortureEvent[]): Map<string, TortureEvent[]> {
  return Map.groupBy(
    events.filter((event) => 'chat' in event),
    (event) => ('chat' in event ? event.chat : ''),
  );
}

/** What was said last about where a chat is; a delete that was said to be done holds, whatever others began. */
function lastFate(told: readonly TortureEvent[]): string | undefined {
  const fates = told.filter(({ event }) => FATES.has(event)).toSorted((a, b) => a.at - b.at);
  const restored = fates.findLastIndex(({ event }) => event === 'restoring' || event === 'restored');
  const since = fates.slice(restored + 1).map(({ event }) => event);
  return since.includes('deleted') ? 'deleted' : (since.at(-1) ?? fates.at(-1)?.event);
}

function isUndisturbed(told: readonly TortureEvent[]): boolean {
  const fate = lastFate(told);
  return fate === undefined || fate === 'restored';
}

const FATES: ReadonlySet<string> = new Set(['deleting', 'deleted', 'restoring', 'restored']);

function count(events: readonly TortureEvent[], kind: string): number {
  return events.filter(({ event }) => event === kind).length;
}

function textOf(line: Line): string {
  return String(line.question?.questions?.at(-1)?.text);
}
