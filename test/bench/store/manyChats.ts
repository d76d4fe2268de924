import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interleave, type Row } from '../interleave.ts';
import type { Report } from '../run.ts';
import { appendRow } from './appendRow.ts';
import { BenchWindow, log, now } from './benchWindow.ts';
import type { Core } from './builtCore.ts';
import { type ChatPlan, ChatTree } from './chatTree.ts';
import { observedFiles } from './observedFiles.ts';
import { readAgain, replaceFile } from './plainFiles.ts';

const MANY = 10_000;
const LONG: ChatPlan = { turnCount: 280 };

/** The list of 10, 1,000 and 10,000 chats, of which 100 are 1 MB long and every tenth was renamed. */
export async function manyChats(core: Core, report: Report): Promise<void> {
  const trees: { readonly size: number; readonly tree: ChatTree }[] = [];
  try {
    for (const size of [10, 1_000, MANY]) trees.push({ size, tree: await ChatTree.make() });
    for (const { size, tree } of trees) fill(tree, size);
    const most = trees.at(-1)?.tree;
    if (!most) return;
    const chatId = most.add({ turnCount: 1_000 });
    for (const { tree } of trees) await list(core, tree);
    most.settle();

    (
      await interleave(
        trees.flatMap(({ size, tree }) => listRows(core, tree, size)),
        30,
      )
    ).forEach(report);

    const append = await appendRow(core, most, chatId, { bench: 'append-many-chats', size: MANY });
    const results = await interleave([append, ...(await touchRows(core, most, chatId))], 30);
    append.close();
    results.forEach(report);
    const [whole, part] = results;
    if (whole && part) {
      const share = (100 * part.value) / whole.value;
      report({ bench: 'append-many-chats-catalog', size: MANY, value: share, unit: '%' });
    }

    (await interleave([checkRow(core, most)], 5, 1)).forEach(report);

    const { reads, row } = await rebuildRow(core, most);
    (await interleave([row], 3, 1)).forEach(report);
    const byteCount = reads.reduce((sum, read) => sum + read.byteCount, 0);
    report({ bench: 'rebuild-read', size: MANY, value: byteCount / 1e6, unit: 'MB' });
  } finally {
    for (const { tree } of trees) tree.clean();
  }
}

function fill(tree: ChatTree, chatCount: number): void {
  for (let index = 0; index < chatCount; index += 1) {
    const plan = index % 100 === 1 ? LONG : { turnCount: 2 };
    tree.add(index % 10 === 0 ? { ...plan, title: `Chat ${index}` } : plan);
  }
}

/** Lists the chats in a window of its own. */
async function list(core: Core, tree: ChatTree): Promise<BenchWindow> {
  const window = openWindow(core, tree);
  await window.store.list();
  return window;
}

function openWindow(core: Core, tree: ChatTree): BenchWindow {
  return new BenchWindow(core, new core.LocalFileStore(tree.root));
}

function listRows(core: Core, tree: ChatTree, size: number): Row[] {
  const floor = { work: async () => JSON.parse(await readFile(tree.path('catalog.json'), 'utf8')) };
  let window: BenchWindow | undefined;
  const after = async () => window?.close();
  const open = async () => {
    window = openWindow(core, tree);
  };
  const openAndList = async () => {
    window = await list(core, tree);
  };
  const work = async () => window?.store.list();
  return [
    { bench: 'list', size, value: { before: open, work, after }, floor },
    { bench: 'list-again', size, value: { before: openAndList, work, after }, floor },
  ];
}

/** The look at the files of every chat that follows a list in the background, when there is nothing to mend. */
function checkRow(core: Core, tree: ChatTree): Row {
  let window: BenchWindow | undefined;
  return {
    bench: 'check',
    size: MANY,
    value: {
      before: async () => {
        window = await list(core, tree);
      },
      work: async () => window?.store.check(),
      after: async () => window?.close(),
    },
  };
}

/** What the end of a turn changes in the catalog, when this window changed it last and when another one did. */
async function touchRows(core: Core, tree: ChatTree, chatId: string): Promise<Row[]> {
  const plain = join(tree.plain, 'catalog.json');
  const touch = async (folder: string) => {
    const root = join(tree.plain, folder);
    await mkdir(root, { recursive: true });
    await copyFile(tree.path('catalog.json'), join(root, 'catalog.json'));
    return { own: toucher(core, root, chatId), others: toucher(core, root, chatId) };
  };
  const [alone, shared] = [await touch('alone'), await touch('shared')];
  await copyFile(tree.path('catalog.json'), plain);
  const floor = {
    work: async () => {
      const parsed: unknown = JSON.parse(await readFile(plain, 'utf8'));
      await replaceFile(plain, Buffer.from(JSON.stringify(parsed, null, 2)));
    },
  };
  return [
    { bench: 'touch', size: MANY, value: { work: alone.own }, floor },
    { bench: 'touch-after-another', size: MANY, value: { before: shared.others, work: shared.own }, floor },
  ];
}

function toucher(core: Core, root: string, chatId: string): () => Promise<void> {
  const files = new core.LocalFileStore(root);
  const catalog = new core.CatalogFile({ files, now, log, locks: new core.ChatLocks(files, () => undefined) });
  return async () => {
    await catalog.change((entries) =>
      core.patchEntry(entries, chatId, (entry) => ({
        ...entry,
        updated: now(),
        message_count: entry.message_count + 1,
      })),
    );
  };
}

/** Listing chats when there is no catalog, beside reading what that was seen to read. */
async function rebuildRow(core: Core, tree: ChatTree) {
  const remove = () => rm(tree.path('catalog.json'));
  const observed = observedFiles(core, tree.root);
  await remove();
  const window = new BenchWindow(core, observed.files);
  await window.store.list();
  window.close();
  let rebuilding: BenchWindow | undefined;
  const row: Row = {
    bench: 'rebuild',
    size: MANY,
    value: {
      before: remove,
      work: async () => {
        rebuilding = await list(core, tree);
      },
      after: async () => rebuilding?.close(),
    },
    floor: { work: () => readAgain(tree.root, observed.reads) },
  };
  return { reads: observed.reads, row };
}
