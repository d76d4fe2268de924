import { interleave } from '../interleave.ts';
import type { Report } from '../run.ts';
import { BenchWindow } from './benchWindow.ts';
import type { Core } from './builtCore.ts';
import { type ChatPlan, ChatTree } from './chatTree.ts';
import { observedFiles } from './observedFiles.ts';
import { openRow } from './openRow.ts';

const FIVE_MB = 5_000_000;

const CHATS: readonly { readonly size: string; readonly plan: () => ChatPlan; readonly rounds: number }[] = [
  { size: '60 of 5 MB', plan: () => ({ turnCount: 60, answer: 'Five! '.repeat(FIVE_MB / 6) }), rounds: 5 },
  { size: '10000, 200 open asks', plan: () => ({ turnCount: 10_000, openAskCount: 200 }), rounds: 20 },
  { size: '10000, parent far back', plan: () => ({ turnCount: 10_000, branchAt: 5 }), rounds: 20 },
];

/** Opening the end of chats that are not plain, and how much of each file that reads. */
export async function oddChats(core: Core, report: Report): Promise<void> {
  const tree = await ChatTree.make();
  const { files, reads } = observedFiles(core, tree.root);
  const window = new BenchWindow(core, files);
  try {
    for (const { size, plan, rounds } of CHATS) {
      const chatId = tree.add(plan());
      tree.settle();
      const row = openRow(window, tree.transcript(chatId), chatId, size);
      (await interleave([row], rounds, 1)).forEach(report);
      reads.length = 0;
      await row.value.work();
      const byteCount = reads.reduce((sum, read) => sum + read.byteCount, 0);
      report({ bench: 'open-tail-read', size, value: byteCount / 1e6, unit: 'MB' });
    }
  } finally {
    window.close();
    tree.clean();
  }
}
