import type { Lease } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import type { CatalogEntry } from '../catalog.ts';
import type { ChatStore } from '../chatStore.ts';
import { encodeRecord, makeHeader } from '../transcriptRecord.ts';
import { chatFindings } from './chatFindings.ts';
import { type ChatFacts, examineChat } from './examineChat.ts';
import type { Finding } from './finding.ts';
import { GoneWriters } from './goneWriters.ts';
import type { StoreBackup } from './storeBackup.ts';

export interface MendOptions {
  readonly chatId: string;
  /** As the list has it, if it does. */
  readonly entry: CatalogEntry | undefined;
  readonly backup: StoreBackup;
  readonly now: () => string;
}

/** Mends one finding about a chat's files, under the chat's lock. False when there is nothing to mend any more. */
export async function mendChat(store: ChatStore, finding: Finding, options: MendOptions): Promise<boolean> {
  const { files, locks, trash } = store;
  const { chatId, backup } = options;
  const isMended = await locks.ofChat(chatId, async (lease) => {
    const facts = await stillThere(store, finding, options);
    if (!facts) return false;
    switch (finding.kind) {
      case 'torn-tail':
      case 'meta-torn-tail':
        await append(NO_LINES, lease);
        break;
      case 'header-missing':
        await append(header(facts, options), lease);
        break;
      case 'partial-leftover':
      case 'temporary-file':
        await backup.move(finding.path);
    }
    return true;
  });
  if (isMended && finding.kind === 'delete-unfinished') await trash.take(chatId);
  return isMended;

  async function append(lines: Uint8Array, lease: Lease): Promise<void> {
    await backup.copy(finding.path);
    await files.append(finding.path, lines, lease);
  }
}

/** Appending them only closes a torn tail. */
const NO_LINES = new Uint8Array();

/** The chat as it is now, while it is as it was found. */
async function stillThere(
  store: ChatStore,
  { kind, path }: Finding,
  { chatId, now }: MendOptions,
): Promise<ChatFacts | undefined> {
  const gone = new GoneWriters(store);
  const facts = await examineChat(store.files, chatId);
  const found = await chatFindings(facts, { now: Date.parse(now()), isGone: (id) => gone.isGone(id) });
  return found.some((one) => one.kind === kind && one.path === path) ? facts : undefined;
}

/** Parsers take the first header that they can read, wherever it stands. */
function header({ scan, meta }: ChatFacts, { chatId, entry, now }: MendOptions): Uint8Array {
  const firstCreated = scan instanceof ChatError ? undefined : scan?.firstCreated;
  const said = meta instanceof ChatError ? undefined : meta?.meta;
  return encodeRecord(
    makeHeader({
      guid: chatId,
      created: entry?.created || firstCreated || now(),
      pipelineId: entry?.pipeline_id ?? said?.pipeline_id ?? '',
    }),
  );
}
