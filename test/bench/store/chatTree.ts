import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AskRecord,
  CHAT_SCHEMA_VERSION,
  encodeRecords,
  makeHeader,
  makeTurn,
  type TranscriptRecord,
} from '../../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';

export const PIPELINE_ID = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';
export const QUESTION = 'What is there to be said about this question? '.repeat(4);
export const ANSWER = 'An answer of some two thousand bytes. '.repeat(54);

const WRITE_BYTES = 1024 * 1024;
const STARTED = Date.UTC(2026, 0, 1);

export interface ChatPlan {
  readonly turnCount: number;
  readonly answer?: string;
  /** Questions at the end that nobody answered, each of a window that is gone. */
  readonly openAskCount?: number;
  /** The last turn follows turn number `branchAt` rather than the one before it. */
  readonly branchAt?: number;
  readonly title?: string;
}

/** A `.chats` folder in the temporary folder, filled by plain writes, to be removed with `clean`. */
export class ChatTree {
  readonly root: string;
  readonly #folder: string;
  /** Also for a bench that is stopped. */
  readonly #remove = () => rmSync(this.#folder, { recursive: true, force: true });

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, '.chats');
    mkdirSync(this.root);
    process.once('exit', this.#remove);
  }

  static async make(): Promise<ChatTree> {
    return new ChatTree(await mkdtemp(join(tmpdir(), 'chats-bench-')));
  }

  /** A folder beside the chats, for plain files to compare with. */
  get plain(): string {
    return join(this.#folder, 'plain');
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  transcript(chatId: string): string {
    return this.path(chatId, 'chat.jsonl');
  }

  /** Writes the files of a chat that holds what the plan says; returns its id. */
  add(plan: ChatPlan): string {
    const id = randomUUID();
    mkdirSync(this.path(id));
    if (plan.title !== undefined)
      writeFileSync(this.path(id, 'meta.jsonl'), `${JSON.stringify({ title: plan.title })}\n`);
    const file = openSync(this.transcript(id), 'wx');
    let lines: Uint8Array[] = [];
    let byteCount = 0;
    for (const line of transcriptLines(id, plan)) {
      lines.push(line);
      byteCount += line.length;
      if (byteCount < WRITE_BYTES) continue;
      writeSync(file, Buffer.concat(lines));
      lines = [];
      byteCount = 0;
    }
    writeSync(file, Buffer.concat(lines));
    closeSync(file);
    return id;
  }

  /** Lets the disk come to rest, so that what was laid down here isn't written back while something is measured. */
  settle(): void {
    // Where there is no such program the measurement is noisier, no more.
    spawnSync('sync');
  }

  clean(): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

/** A chat as the store itself writes it: each question once as an ask, once more with its answer. */
function* transcriptLines(guid: string, plan: ChatPlan): Generator<Uint8Array> {
  const question = makeQuestion(QUESTION, { chatId: guid });
  const answer = { result_types: { answers: 'answers' }, answers: [plan.answer ?? ANSWER] };
  const writer = { id: randomUUID() };
  let offset = 0;
  let branch: { readonly parent?: string; readonly parent_at?: number } = {};
  const line = (record: TranscriptRecord): Uint8Array => {
    const bytes = encodeRecords([record]);
    offset += bytes.length;
    return bytes;
  };
  const ask = (index: number, more: Partial<AskRecord> = {}): AskRecord => ({
    type: 'ask',
    schema_version: CHAT_SCHEMA_VERSION,
    created: timeOf(index),
    id: randomUUID(),
    writer,
    question,
    ...more,
  });

  yield line(makeHeader({ guid, created: timeOf(0), pipelineId: PIPELINE_ID }));
  for (let seq = 1; seq <= plan.turnCount; seq += 1) {
    const more = seq === plan.turnCount ? branch : {};
    const asked = ask(seq, more);
    yield line(asked);
    if (seq === plan.branchAt) branch = { parent: asked.id, parent_at: offset };
    const turn = makeTurn({ seq, created: timeOf(seq), question, answer, id: asked.id, historySeq: [] });
    yield line({ ...turn, ...more });
  }
  for (let index = 0; index < (plan.openAskCount ?? 0); index += 1) {
    yield line(ask(plan.turnCount + index, { writer: { id: randomUUID() } }));
  }
}

function timeOf(index: number): string {
  return new Date(STARTED + index * 1000).toISOString();
}
