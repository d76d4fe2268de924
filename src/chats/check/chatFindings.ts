import { ChatError } from '../../protocol/chatError.ts';
import { metaPath, transcriptPath } from '../paths.ts';
import type { ChatFacts, MetaScan } from './examineChat.ts';
import { type Finding, type FindingKind, type FoundWhere, finding } from './finding.ts';
import type { ChatScan } from './scanChat.ts';
import { type FoundFile, isOldTemporary, LEFTOVER_MS } from './walkFolder.ts';

export interface FindingContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether the writer of an ask without an end is known to be gone. */
  readonly isGone: (writerId: string) => Promise<boolean>;
}

/** What is to be said of one chat's files. Of a chat of a newer version, and of a deleted one, nothing more than that. */
export async function chatFindings(facts: ChatFacts, context: FindingContext): Promise<Finding[]> {
  const { id: chatId, isDeleted, isNewer } = facts.outline;
  const path = transcriptPath(chatId);
  if (isNewer) return [finding('newer-chat', { chatId, path })];
  if (isDeleted) return [finding('delete-unfinished', { chatId, path: chatId })];
  return [
    ...(await transcriptFindings(facts.scan, { chatId, path }, context)),
    ...metaFindings(facts.meta, { chatId, path: metaPath(chatId) }),
    ...folderFindings(facts, context.now),
  ];
}

/** Whether an ask of the chat is being answered, so that the list is behind for that time. */
export async function isAnswering({ scan }: ChatFacts, { isGone }: FindingContext): Promise<boolean> {
  if (!scan || scan instanceof ChatError) return false;
  for (const writerId of scan.openAsks.values()) if (!(await isGone(writerId))) return true;
  return false;
}

type Where = FoundWhere & { readonly chatId: string };

async function transcriptFindings(scan: ChatFacts['scan'], where: Where, context: FindingContext): Promise<Finding[]> {
  if (!scan) return [finding('transcript-missing', where)];
  if (scan instanceof ChatError) return [finding('transcript-unreadable', { ...where, detail: scan.message })];
  const { header, hasHeader, isTorn, counts } = scan;
  const isOfAnother = header !== undefined && header.guid.toLowerCase() !== where.chatId.toLowerCase();
  const found: [FindingKind, number][] = [
    ['torn-tail', isTorn ? 1 : 0],
    ['header-missing', hasHeader ? 0 : 1],
    ['header-of-another-chat', isOfAnother ? 1 : 0],
    ['unreadable-lines', counts['unreadable-lines']],
    ['conflict-markers', counts['conflict-markers']],
    ['long-lines', counts['long-lines']],
    ['unknown-records', counts['unknown-records']],
    ['seq-order', counts['seq-order']],
    ['end-without-ask', counts['end-without-ask']],
    ['interrupted', await interruptedCount(scan, context)],
  ];
  return found.flatMap(([kind, count]) => (count > 0 ? [finding(kind, { ...where, count })] : []));
}

async function interruptedCount({ openAsks }: ChatScan, { isGone }: FindingContext): Promise<number> {
  let count = 0;
  for (const writerId of openAsks.values()) if (await isGone(writerId)) count += 1;
  return count;
}

function metaFindings(meta: MetaScan | ChatError | undefined, where: Where): Finding[] {
  if (!meta) return [];
  if (meta instanceof ChatError) return [finding('meta-unreadable', { ...where, detail: meta.message })];
  const { unreadableCount: count, isTorn } = meta;
  return [
    ...(count > 0 ? [finding('meta-unreadable-lines', { ...where, count })] : []),
    ...(isTorn ? [finding('meta-torn-tail', where)] : []),
  ];
}

function folderFindings(facts: ChatFacts, now: number): Finding[] {
  const { files, outline } = facts;
  if (!(files instanceof ChatError)) return files.flatMap((file) => fileFindings(file, facts, now));
  return [finding('folder-unreadable', { chatId: outline.id, path: outline.id, detail: files.message })];
}

function fileFindings(file: FoundFile, { outline, scan }: ChatFacts, now: number): Finding[] {
  const where = { chatId: outline.id, path: file.path };
  if (file.problem !== undefined) return [finding('strange-file', { ...where, detail: file.problem })];
  if (isOldTemporary(file, now)) return [finding('temporary-file', where)];
  const askId = /\/partial-([^/]+)\.json$/.exec(file.path)?.[1];
  if (askId === undefined || now - file.modified <= LEFTOVER_MS || !scan || scan instanceof ChatError) return [];
  if (!scan.asks.has(askId)) return [finding('partial-unknown', where)];
  return scan.openAsks.has(askId) ? [] : [finding('partial-leftover', where)];
}
