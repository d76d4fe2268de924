import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Row } from '../interleave.ts';
import { BenchWindow } from './benchWindow.ts';
import type { Core } from './builtCore.ts';
import type { ChatTree } from './chatTree.ts';
import { observedFiles, type WriteOp } from './observedFiles.ts';
import { writeAgain } from './plainFiles.ts';

/** A question and its answer on a chat, beside what one such was seen to write, written to plain files. */
export async function appendRow(
  core: Core,
  tree: ChatTree,
  chatId: string,
  of: Pick<Row, 'bench' | 'size'>,
): Promise<Row & { readonly close: () => void }> {
  const writes = await writesOfOne(core, tree, chatId);
  await layPlainFiles(tree, writes);
  const window = new BenchWindow(core, new core.LocalFileStore(tree.root));
  const chat = window.open(chatId);
  await chat.refresh();
  return {
    ...of,
    value: { work: () => window.ask(chat) },
    floor: { work: () => writeAgain(tree.plain, writes) },
    close: () => window.close(),
  };
}

/** What a window writes for a question that is not its first. */
async function writesOfOne(core: Core, tree: ChatTree, chatId: string): Promise<readonly WriteOp[]> {
  const { files, writes } = observedFiles(core, tree.root);
  const window = new BenchWindow(core, files);
  const chat = window.open(chatId);
  await chat.refresh();
  await window.ask(chat);
  writes.length = 0;
  await window.ask(chat);
  window.close();
  return writes;
}

/** Plain files as long as the real ones, so that what is appended lands as far back. */
async function layPlainFiles(tree: ChatTree, writes: readonly WriteOp[]): Promise<void> {
  for (const { path } of writes) {
    const target = join(tree.plain, path);
    await mkdir(dirname(target), { recursive: true });
    const { size } = await stat(tree.path(path));
    const file = await open(target, 'a');
    await file.truncate(size);
    await file.close();
  }
}
