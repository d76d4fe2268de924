import { ChatError } from '../../protocol/chatError.ts';
import { mapSome } from '../../util/mapSome.ts';
import type { ChatStore } from '../chatStore.ts';
import { chatFolder, isChatId } from '../paths.ts';
import { catalogFindings } from './catalogFindings.ts';
import { chatFindings, isAnswering } from './chatFindings.ts';
import { type ChatOutline, EXAMINED_AT_ONCE, examineChat } from './examineChat.ts';
import type { Finding } from './finding.ts';
import { folderFindings, type TrashSize, trashSize } from './folderFindings.ts';
import { GoneWriters } from './goneWriters.ts';
import { totalSize } from './walkFolder.ts';

export type { Finding, FindingKind } from './finding.ts';

export interface StoreReport {
  readonly chatCount: number;
  readonly turnCount: number;
  /** All that lies in the chats' folders. */
  readonly byteCount: number;
  readonly trash: TrashSize;
  readonly findings: readonly Finding[];
}

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with every chat that was read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** ISO 8601 in UTC; by default the time of the machine. */
  readonly now?: (() => string) | undefined;
}

/**
 * Reads every line of every chat and tells what is wrong with them. A dry run: nothing is written. Of a chat no more than
 * a piece is held, and the ids of its questions. @throws ChatError `stopped` once the signal says so.
 */
export async function checkStore(store: ChatStore, options: CheckOptions = {}): Promise<StoreReport> {
  const { signal, onProgress, now = () => new Date().toISOString() } = options;
  const { files } = store;
  const gone = new GoneWriters(store);
  const context = { now: Date.parse(now()), isGone: (writerId: string) => gone.isGone(writerId) };
  const root = await files.list('');
  const ids = root.flatMap(({ name, kind }) => (kind === 'directory' && isChatId(name) ? [name] : []));
  const outlines = new Map<string, ChatOutline>();
  const answering = new Set<string>();
  let turnCount = 0;
  let byteCount = 0;
  let doneCount = 0;

  const look = async (id: string) => {
    const facts = await examineChat(files, id);
    answering.delete(id);
    outlines.delete(id);
    // Deleted by another window just now.
    if (!facts.scan && !(await files.stat(chatFolder(id)))) return undefined;
    outlines.set(id, facts.outline);
    if (await isAnswering(facts, context)) answering.add(id);
    return facts;
  };
  const stopIfAsked = () => {
    if (signal?.aborted) throw new ChatError('stopped', 'The check of the saved chats was stopped.');
  };
  const examine = async (id: string): Promise<Finding[]> => {
    stopIfAsked();
    const facts = await look(id);
    if (facts) {
      turnCount += facts.scan instanceof ChatError ? 0 : (facts.scan?.turnCount ?? 0);
      byteCount += facts.files instanceof ChatError ? 0 : totalSize(facts.files);
    }
    doneCount += 1;
    onProgress?.(doneCount, ids.length);
    return facts ? chatFindings(facts, context) : [];
  };
  const ofChats = await mapSome(ids, examine, EXAMINED_AT_ONCE);
  stopIfAsked();

  let ofCatalog = await catalogFindings(files, { outlines, answering }, context.now);
  // Chats go on while they are read: what disagrees is looked at once more.
  const doubtful = new Set(ofCatalog.flatMap(({ chatId }) => chatId ?? []));
  if (doubtful.size > 0) {
    await mapSome(
      [...doubtful].filter((id) => outlines.has(id)),
      look,
      EXAMINED_AT_ONCE,
    );
    ofCatalog = await catalogFindings(files, { outlines, answering }, context.now);
  }
  return {
    chatCount: ids.length,
    turnCount,
    byteCount,
    trash: await trashSize(files, root),
    findings: [...ofCatalog, ...ofChats.flat(), ...(await folderFindings(files, root, context))],
  };
}
