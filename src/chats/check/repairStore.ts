import { ChatError } from '../../protocol/chatError.ts';
import { CatalogFile } from '../catalogFile.ts';
import type { ChatStore } from '../chatStore.ts';
import { CATALOG, CATALOG_LOCK } from '../paths.ts';
import type { Finding, StoreReport } from './checkStore.ts';
import type { FindingKind } from './finding.ts';
import { mendCatalog } from './mendCatalog.ts';
import { mendChat } from './mendChat.ts';
import { StoreBackup } from './storeBackup.ts';
import { isOldTemporary } from './walkFolder.ts';

export interface RepairResult {
  /** Where the old bytes of all that was changed are, relative to the store; undefined when there are none to keep. */
  readonly backup: string | undefined;
  /** Without those that were in order already when their turn came. */
  readonly repaired: readonly Finding[];
  readonly failed: readonly { readonly finding: Finding; readonly reason: string }[];
}

/**
 * Mends what a check found and can be mended; each is looked at again under its lock first, so other windows may go on.
 * Old bytes are kept in a backup before they are changed, and of transcripts and meta files none is ever changed or
 * taken away: lines are added at their end. What fails does not keep the others from being mended.
 */
export async function repairStore(
  store: ChatStore,
  report: StoreReport,
  { now }: { readonly now: () => string },
): Promise<RepairResult> {
  const { files, locks } = store;
  const backup = new StoreBackup(files, now());
  // What it would log is said by the report.
  const catalog = new CatalogFile({ files, locks, now, log: () => undefined });
  const repaired: Finding[] = [];
  const failed: { finding: Finding; reason: string }[] = [];
  const attempt = async (findings: readonly Finding[], mend: () => Promise<boolean>) => {
    try {
      if (await mend()) repaired.push(...findings);
    } catch (thrown) {
      const error = ChatError.from(thrown);
      if (error.code === 'internal') throw thrown;
      failed.push(...findings.map((finding) => ({ finding, reason: error.message })));
    }
  };
  const mendable = report.findings.filter(({ canRepair }) => canRepair);
  const ofCatalog = mendable.filter(({ kind }) => OF_CATALOG.has(kind));
  const ofChats = mendable.filter(({ kind }) => !OF_CATALOG.has(kind));
  // Of a list that can't be read no row is known; then headers are made without.
  const known = await catalog.read().catch(() => undefined);

  for (const finding of ofChats) {
    const { chatId, kind } = finding;
    if (kind === 'delete-unfinished') continue;
    const entry = known?.entries.find(({ guid }) => guid === chatId);
    await attempt([finding], () =>
      chatId === undefined
        ? moveTemporary(store, finding.path, { backup, now })
        : mendChat(store, finding, { chatId, entry, backup, now }),
    );
  }
  const isWhole = ofCatalog.some(({ chatId }) => chatId === undefined);
  const ids = new Set(mendable.flatMap(({ chatId }) => chatId ?? []));
  if (isWhole || ids.size > 0) {
    // Chats that were mended have other sizes now; where the list can't be changed for them, it is no worse than before.
    await attempt(ofCatalog, async () => {
      if (isWhole) await moveFolder(store, backup);
      return mendCatalog(store, { catalog, backup, ids: isWhole ? undefined : ids, now });
    });
  }
  // Off the list first: its row of a chat that is moved away would stay for a while.
  for (const finding of ofChats) {
    const { chatId, kind } = finding;
    if (kind !== 'delete-unfinished' || chatId === undefined) continue;
    await attempt([finding], () => mendChat(store, finding, { chatId, entry: undefined, backup, now }));
  }
  return { backup: backup.folder, repaired, failed };
}

const OF_CATALOG: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'catalog-missing',
  'catalog-torn',
  'catalog-not-a-file',
  'entry-without-folder',
  'folder-without-entry',
  'entry-disagrees',
]);

/** A folder in the place of the list goes to the backup. */
async function moveFolder({ files, locks }: ChatStore, backup: StoreBackup): Promise<void> {
  if ((await files.stat(CATALOG))?.kind !== 'directory') return;
  await locks.exclusive(CATALOG_LOCK, async () => {
    if ((await files.stat(CATALOG))?.kind === 'directory') await backup.move(CATALOG);
  });
}

/** What lies in the store's own folder is written under the lock of the list. */
async function moveTemporary(
  { files, locks }: ChatStore,
  path: string,
  { backup, now }: { readonly backup: StoreBackup; readonly now: () => string },
): Promise<boolean> {
  return locks.exclusive(CATALOG_LOCK, async () => {
    const stat = await files.stat(path);
    if (!stat || !isOldTemporary({ path, ...stat }, Date.parse(now()))) return false;
    await backup.move(path);
    return true;
  });
}
