import { readFile } from 'node:fs/promises';
import { interleave, type Row, withGrowth } from '../interleave.ts';
import type { Report } from '../run.ts';
import { appendRow } from './appendRow.ts';
import { BenchWindow } from './benchWindow.ts';
import type { Core } from './builtCore.ts';
import { ChatTree } from './chatTree.ts';
import { openRow, parseTailRow } from './openRow.ts';

const TURN_COUNTS = [10, 100, 1_000, 10_000, 100_000];
const LISTED = 100;
/** Turns of the chat that is read whole. */
const ALL_OF = 10_000;

/** Chats of every length, among 100: opening their end, reading all of one, and a turn more on each. */
export async function longChats(core: Core, report: Report): Promise<void> {
  const tree = await ChatTree.make();
  const window = new BenchWindow(core, new core.LocalFileStore(tree.root));
  try {
    const chats = TURN_COUNTS.map((turnCount) => ({ size: turnCount, chatId: tree.add({ turnCount }) }));
    for (let more = chats.length; more < LISTED; more += 1) tree.add({ turnCount: 1 });
    await window.store.list();
    tree.settle();

    const opened = chats.filter(({ size }) => size >= 100);
    const openRows = opened.map(({ size, chatId }) => openRow(window, tree.transcript(chatId), chatId, size));
    withGrowth(await interleave(openRows, 60)).forEach(report);

    const long = chats.find(({ size }) => size === ALL_OF);
    if (long) {
      (await interleave([parseTailRow(tree.transcript(long.chatId), ALL_OF)], 60)).forEach(report);
      (await interleave([openAllRow(core, tree, long.chatId)], 7, 2)).forEach(report);
    }

    const appendRows = await Promise.all(
      chats.map(({ size, chatId }) => appendRow(core, tree, chatId, { bench: 'append', size })),
    );
    withGrowth(await interleave(appendRows, 150)).forEach(report);
    for (const row of appendRows) row.close();
  } finally {
    window.close();
    tree.clean();
  }
}

function openAllRow(core: Core, tree: ChatTree, chatId: string): Row {
  const files = new core.LocalFileStore(tree.root);
  const path = tree.transcript(chatId);
  return {
    bench: 'open-all',
    size: ALL_OF,
    value: { work: () => core.scanTranscript(files, `${chatId}/chat.jsonl`, () => undefined) },
    floor: {
      work: async () => {
        for (const line of (await readFile(path, 'utf8')).split('\n')) if (line !== '') JSON.parse(line);
      },
    },
  };
}
