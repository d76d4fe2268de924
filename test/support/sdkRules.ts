import * as z from 'zod/mini';

/*
 * What the chat classes of the RocketRide SDKs do with the files of a chat, written anew after their rules. The two
 * differ in what they do with lines that are no objects, and in which keys of the catalog they keep.
 */

export type SdkFlavour = 'typescript' | 'python';

const DEFAULT_TITLE = 'Untitled chat';
const PREVIEW_LENGTH = 80;

const line = z.looseObject({ type: z.optional(z.unknown()) });
const header = z.looseObject({ type: z.literal('header'), guid: z.string(), pipeline_id: z.string() });
const turn = z.looseObject({
  type: z.literal('turn'),
  seq: z.number(),
  created: z.string(),
  question: z.looseObject({ questions: z.array(z.looseObject({ text: z.string() })) }),
  answer: z.looseObject({}),
});
export type SdkTurn = z.infer<typeof turn>;

const entry = z.looseObject({
  guid: z.string(),
  title: z.string(),
  created: z.string(),
  updated: z.string(),
  message_count: z.number(),
  preview: z.string(),
  pipeline_id: z.string(),
});
export type SdkEntry = z.infer<typeof entry>;
const catalog = z.object({ schema_version: z.number(), version: z.number(), chats: z.array(entry) });
export type SdkCatalog = z.infer<typeof catalog>;

export interface SdkChat {
  readonly pipelineId: string;
  readonly turns: readonly SdkTurn[];
}

/** Opens a chat from the text of its transcript. @throws as the SDK does, when there is no header or a foreign one. */
export function openChat(flavour: SdkFlavour, id: string, text: string): SdkChat {
  let found: z.infer<typeof header> | undefined;
  const turns: SdkTurn[] = [];
  for (const raw of text.split('\n')) {
    const record = parseLine(flavour, raw);
    if (record?.type === 'header') found ??= header.parse(record);
    if (record?.type === 'turn') turns.push(turn.parse(record));
  }
  if (found?.guid !== id) throw new Error(`Chat ${id} has ${found ? 'a foreign' : 'no'} header`);
  return { pipelineId: found.pipeline_id, turns };
}

/** The transcript with one more turn: the whole file is written anew from what was read. */
export function appendTurn(text: string, chat: SdkChat, question: string, created: string): string {
  const record = {
    type: 'turn',
    schema_version: 1,
    seq: (chat.turns.at(-1)?.seq ?? 0) + 1,
    created,
    question: { type: 'prompt', history: [], questions: [{ text: question }] },
    answer: { result_types: { answers: 'answers' }, answers: [`Answer to ${question}`] },
  };
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${JSON.stringify(record)}\n`;
}

/** Any failure to read counts as "no catalog". */
export function readCatalog(text: string | undefined): SdkCatalog {
  try {
    return catalog.parse(JSON.parse(text ?? ''));
  } catch {
    return { schema_version: 1, version: 0, chats: [] };
  }
}

/** The catalog as the SDK writes it after a change. */
export function changeCatalog(
  flavour: SdkFlavour,
  text: string | undefined,
  change: (chats: readonly SdkEntry[]) => readonly SdkEntry[],
): string {
  const current = readCatalog(text);
  const chats = change(current.chats).map((one) => (flavour === 'python' ? sevenKeys(one) : one));
  return JSON.stringify({ schema_version: 1, version: current.version + 1, chats }, null, 2);
}

/** In the catalog only, and only where there is an entry. */
export function renamed(chats: readonly SdkEntry[], id: string, title: string, updated: string): SdkEntry[] {
  return chats.map((one) => (one.guid === id ? { ...one, title: title.trim() || DEFAULT_TITLE, updated } : one));
}

/** After a turn: the entry is made when there is none. */
export function touched(chats: readonly SdkEntry[], id: string, chat: SdkChat, last: SdkTurn): SdkEntry[] {
  const known = chats.find((one) => one.guid === id);
  const next = {
    ...(known ?? { guid: id, title: DEFAULT_TITLE, created: last.created, pipeline_id: chat.pipelineId }),
    updated: last.created,
    message_count: chat.turns.length,
    preview: (last.question.questions.at(-1)?.text ?? '').slice(0, PREVIEW_LENGTH),
  };
  return known ? chats.map((one) => (one.guid === id ? next : one)) : [...chats, next];
}

function parseLine(flavour: SdkFlavour, raw: string): z.infer<typeof line> | undefined {
  if (raw.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    // Skipped by both, wherever it stands.
    return undefined;
  }
  if (flavour === 'typescript' && value === null)
    throw new TypeError("Cannot read properties of null (reading 'type')");
  return line.safeParse(value).data;
}

function sevenKeys({ guid, title, created, updated, message_count, preview, pipeline_id }: SdkEntry): SdkEntry {
  return { guid, title, created, updated, message_count, preview, pipeline_id };
}
