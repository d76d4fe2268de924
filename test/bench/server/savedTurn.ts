import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatStore } from '../../../src/chats/chatStore.ts';
import { type AskRecord, CHAT_SCHEMA_VERSION, makeTurn } from '../../../src/chats/transcriptRecord.ts';
import { makeQuestion } from '../../../src/protocol/question.ts';
import type { RequestRecord } from '../../support/rocketRideServer/requestLog.ts';
import { ServerWorld } from '../../support/serverWorld.ts';
import type { Report } from '../run.ts';
import { ANSWER, ChatTree, QUESTION } from '../store/chatTree.ts';
import { SdkClient } from './sdkClient.ts';

const SIZES = [10, 100, 1000];
/** Every request is answered so late, and then twice as late: what that adds is waited for one after another. */
const LATENCY_MS = 40;
const ROUNDS = 3;
const now = () => new Date().toISOString();

/**
 * A question and its answer, saved on a chat that is open; the exchange with the pipeline aside. The floor is what the
 * SDKs do for the same: they save the turn when it is answered, and nothing before. `waits` are round trips one after
 * another until the answer is safe; `waits-in-all` count what is cleared away after that as well.
 */
export async function savedTurn(report: Report): Promise<void> {
  for (const turnCount of SIZES) {
    const ours = await cost(turnCount, saveHere);
    const theirs = await cost(turnCount, saveAsSdk);
    const size = `${turnCount} turns`;
    const row = (bench: string, unit: string, value: number, floor?: number) =>
      report({ bench, size, value, unit, ...(floor === undefined ? {} : { floor }) });
    row('saved-turn requests', '', ours.requests, theirs.requests);
    row('saved-turn waits', '', ours.waits, theirs.waits);
    row('saved-turn waits-in-all', '', ours.waitsInAll);
    row('saved-turn bytes-up', 'B', ours.bytesUp, theirs.bytesUp);
    row('saved-turn bytes-down', 'B', ours.bytesDown, theirs.bytesDown);
  }
}

interface Cost {
  readonly requests: number;
  readonly waits: number;
  readonly waitsInAll: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

interface Saving {
  readonly requests: readonly RequestRecord[];
  /** Until the answer was safe, and until nothing was left to do. */
  readonly safeMs: number;
  readonly allMs: number;
}

/** Readies a client for a chat; each call of what it returns saves one turn. */
type Client = (world: ServerWorld, chatId: string) => Promise<() => Promise<void>>;

async function cost(turnCount: number, client: Client): Promise<Cost> {
  const world = await ServerWorld.start();
  try {
    const save = await client(world, await layChat(world, turnCount));
    // The first turn of a window reads what the others know already.
    await save();
    const near: Saving[] = [];
    const far: Saving[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      near.push(await measured(world, save, LATENCY_MS));
      far.push(await measured(world, save, 2 * LATENCY_MS));
    }
    const waits = (of: (saving: Saving) => number) =>
      Math.round((Math.min(...far.map(of)) - Math.min(...near.map(of))) / LATENCY_MS);
    const requests = near.at(-1)?.requests ?? [];
    const sum = (of: (request: RequestRecord) => number) => requests.reduce((total, request) => total + of(request), 0);
    return {
      requests: requests.length,
      waits: waits(({ safeMs }) => safeMs),
      waitsInAll: waits(({ allMs }) => allMs),
      bytesUp: sum(({ bytesUp }) => bytesUp),
      bytesDown: sum(({ bytesDown }) => bytesDown),
    };
  } finally {
    await world.close();
  }
}

async function measured(world: ServerWorld, save: () => Promise<void>, latencyMs: number): Promise<Saving> {
  await quiet(world);
  world.server.traps.latencyMs = latencyMs;
  const before = world.server.requests.length;
  const started = performance.now();
  await save();
  const safeMs = performance.now() - started;
  await quiet(world);
  const requests = world.server.requests.slice(before);
  const allMs = Math.max(...requests.map(({ endedMs = 0 }) => endedMs)) - started;
  return { requests, safeMs, allMs };
}

async function saveHere(world: ServerWorld, chatId: string): Promise<() => Promise<void>> {
  const files = world.files({ pollMs: 2 ** 30 });
  const log = (message: string) => {
    throw new Error(message);
  };
  const store = new ChatStore({ files, now, writerId: randomUUID(), isInGit: false, log });
  const question = makeQuestion(QUESTION, { chatId });
  return async () => {
    await store.prepare();
    const id = randomUUID();
    const writer = { id: store.writer.id };
    const ask: AskRecord = { type: 'ask', schema_version: CHAT_SCHEMA_VERSION, created: now(), id, writer, question };
    await store.append(chatId, ask);
    const answer = { result_types: { answers: 'answers' }, answers: [ANSWER] };
    await store.appendEnd(chatId, question, (seq) =>
      makeTurn({ seq, created: now(), question, answer, id, historySeq: [] }),
    );
  };
}

async function saveAsSdk(world: ServerWorld, chatId: string): Promise<() => Promise<void>> {
  const client = new SdkClient(await world.connect().session());
  return () => client.saveTurn(chatId, QUESTION, ANSWER);
}

/** Puts a chat and its list where the server keeps them; returns the chat's id. */
async function layChat(world: ServerWorld, turnCount: number): Promise<string> {
  const tree = await ChatTree.make();
  try {
    const id = tree.add({ turnCount });
    const root = join(world.server.folder, 'users/local/files');
    await mkdir(root, { recursive: true });
    await rename(tree.root, join(root, '.chats'));
    const files = world.files({ pollMs: 2 ** 30 });
    const store = new ChatStore({ files, now, writerId: randomUUID(), isInGit: false, log: () => {} });
    await store.list();
    store.dispose();
    await world.disconnect(files);
    return id;
  } finally {
    tree.clean();
  }
}

/** Resolves when every request has its answer and none has come since. */
async function quiet({ server }: ServerWorld): Promise<void> {
  for (let count = -1; count !== server.requests.length || server.requests.some(({ endedMs }) => !endedMs); ) {
    count = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 4 * LATENCY_MS));
  }
}
