import { readFile, writeFile } from 'node:fs/promises';
import { encodeRecords, makeTurn } from '../../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';
import { interleave, type Row } from '../interleave.ts';
import type { Report } from '../run.ts';
import { ANSWER, ChatTree, QUESTION } from './chatTree.ts';

/** A turn more as the RocketRide SDKs append it: the whole file is read and written again, and nothing is synced. */
export async function rewriteBaseline(report: Report): Promise<void> {
  const tree = await ChatTree.make();
  try {
    const rows = [10, 1_000, 10_000].map((size): Row => {
      const chatId = tree.add({ turnCount: size });
      const path = tree.transcript(chatId);
      const line = new TextDecoder().decode(
        encodeRecords([
          makeTurn({
            seq: size + 1,
            created: '2026-01-01T00:00:00.000Z',
            question: makeQuestion(QUESTION, { chatId }),
            answer: { result_types: { answers: 'answers' }, answers: [ANSWER] },
            id: chatId,
            historySeq: [],
          }),
        ]),
      );
      const work = async () => {
        const before = await readFile(path, 'utf8');
        await writeFile(path, `${before}${before.endsWith('\n') ? '' : '\n'}${line}`);
      };
      return { bench: 'rewrite-baseline', size, value: { work } };
    });
    (await interleave(rows, 10, 1)).forEach(report);
  } finally {
    tree.clean();
  }
}
