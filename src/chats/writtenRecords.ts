import type { AskedQuestion } from '../protocol/question.ts';
import type { ChatStore } from './chatStore.ts';
import { transcriptPath } from './paths.ts';
import { scanTranscript } from './readTranscript.ts';
import type { AskRecord, EndRecord } from './transcriptRecord.ts';

const MOST = 100;

interface Written {
  readonly record: AskRecord | EndRecord;
  readonly question: AskedQuestion;
}

/**
 * What this window wrote into a transcript last. SDK clients rewrite a transcript as they had read it, without our lock:
 * what they took away by that is appended again while the chat is open here.
 */
export class WrittenRecords {
  readonly #records = new Map<string, Written>();

  add(record: AskRecord | EndRecord, question: AskedQuestion): void {
    this.#records.set(keyOf(record), { record, question });
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MOST) break;
      this.#records.delete(oldest);
    }
  }

  /** For a transcript that was rewritten by somebody. False when nothing was missing. */
  async appendMissing(store: ChatStore, chatId: string): Promise<boolean> {
    const missing = new Map(this.#records);
    await scanTranscript(store.files, transcriptPath(chatId), ({ record }) => {
      if (record.type !== 'header') missing.delete(keyOf(record));
    });
    for (const { record, question } of missing.values()) {
      if (record.type === 'ask') await store.append(chatId, record);
      else
        await store.appendEnd(chatId, question, (seq) => (record.type === 'turn' ? { ...record, seq } : record), true);
    }
    return missing.size > 0;
  }
}

function keyOf(record: AskRecord | EndRecord): string {
  return `${record.type} ${record.id}`;
}
