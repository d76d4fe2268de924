import * as z from 'zod/mini';
import { chatErrorShape } from './chatError.ts';
import { chatId } from './chatId.ts';

/** Times are ISO 8601 in UTC; the page shows them in the reader's zone. */
const time = z.string();

export const chatSummary = z.object({
  chatId,
  /** The user's title, else the first question. */
  title: z.string(),
  isRenamed: z.boolean(),
  preview: z.string(),
  created: time,
  updated: time,
  turnCount: z.number(),
  /** The id that the chat is kept under; several pipelines share one store. */
  pipelineId: z.string(),
  isRunning: z.boolean(),
  isPinned: z.boolean(),
  /** Kept, but out of the way. */
  isArchived: z.boolean(),
  /** Where it is kept, for people, when others beside it are kept elsewhere. */
  place: z.optional(z.string()),
  /** Why the transcript can't be read, when it can't. */
  problem: z.optional(z.string()),
});
export type ChatSummary = z.infer<typeof chatSummary>;

/** A document that an answer rests on. */
export const sourceDocument = z.object({
  name: z.string(),
  /** How well it fits the question, as the node that found it says; higher is better. */
  score: z.optional(z.number()),
  text: z.string(),
});
export type SourceDocument = z.infer<typeof sourceDocument>;

const partBase = {
  /** Tells the parts of one answer apart; a streamed part keeps its key until the turn ends. */
  key: z.string(),
  /** Shown above the part when an answer has several. */
  label: z.optional(z.string()),
  /** What is copied and searched of the part, whatever else there is to it. */
  text: z.string(),
};

export const answerPart = z.discriminatedUnion('kind', [
  z.object({ ...partBase, kind: z.literal('markdown') }),
  z.object({ ...partBase, kind: z.literal('json') }),
  z.object({ ...partBase, kind: z.literal('documents'), documents: z.array(sourceDocument) }),
  z.object({ ...partBase, kind: z.literal('image'), mimeType: z.string(), base64: z.string() }),
  /** A file that is named and not shown. */
  z.object({ ...partBase, kind: z.literal('file') }),
]);
export type AnswerPart = z.infer<typeof answerPart>;

export const turnState = z.enum([
  'running', // answering here
  'elsewhere', // answering in another window
  'done',
  'failed',
  'stopped', // by the user; what had arrived is kept
  'interrupted', // its window is gone and there is no answer
]);
export type TurnState = z.infer<typeof turnState>;

export const turnView = z.object({
  /** Unique in its chat; the id of the ask, or one made from the place in the file for turns of other writers. */
  id: z.string(),
  state: turnState,
  asked: time,
  question: z.string(),
  parts: z.array(answerPart),
  /** What the model thought aloud while it answers; shown folded. */
  reasoning: z.optional(z.string()),
  /** The steps of the work so far, one line each, while it is running; shown folded. */
  steps: z.optional(z.array(z.string())),
  error: z.optional(chatErrorShape),
});
export type TurnView = z.infer<typeof turnView>;

/** What the user may do about a notice or an error; the host runs it. */
export const actionId = z.enum([
  'save-and-send', // save the pipeline's editor, then send what is in the composer
  'enable-saving', // write persistSessions: true and save the turns shown
  'open-pipeline', // show the pipeline file as text
  'choose-source', // ask which chat source to use
  'add-project-id', // write a project_id into the pipeline file
  'own-project-id', // write another one, and leave the chats to the other files with the old one
  'relink-chats', // give this pipeline chats of one that is not in the window
  'set-secret', // ask for a model key
  'open-settings',
  'show-log',
  'reload', // read the pipeline and the store again
  'restore-chat', // take the chat shown back out of the trash
  'retry-server', // connect to the server now; asks again what was refused
  'connect-server', // ask for a server and its key
  'set-server-key', // ask for the key to the server
  'use-embedded', // run pipelines in the extension from now on
  'save-locally', // keep chats beside the pipelines from now on, and the one that is shown
  'restart-pipeline', // have the server run the pipeline that is on disk
  'keep-running', // let the server go on with the version that it runs
]);
export type ActionId = z.infer<typeof actionId>;

export const notice = z.object({
  /** Stable while the notice stands, so that a screen reader is told once. */
  id: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  actions: z.array(z.object({ action: actionId, label: z.string() })),
});
export type Notice = z.infer<typeof notice>;

export const openChat = z.object({
  /** Given at birth, also to a chat that is not on disk (yet). */
  chatId,
  title: z.string(),
  /** On disk: it has a row in the list and survives the window. A chat that was deleted is not. */
  isSaved: z.boolean(),
  /** Never to be saved, by the user's choice. */
  isPrivate: z.boolean(),
  /** Not read yet: it may have turns. */
  isLoading: z.boolean(),
  /** Can be read but not continued. */
  isReadOnly: z.boolean(),
  /** The newest turns, oldest first. */
  turns: z.array(turnView),
  /** Whether there are older turns than those shown. */
  hasOlder: z.boolean(),
  draft: z.string(),
});
export type OpenChat = z.infer<typeof openChat>;

/** All that a view shows. A higher `rev` replaces a lower one whole. */
export const viewSnapshot = z.object({
  rev: z.number(),
  pipeline: z.object({
    name: z.string(),
    /** Shown, not used: relative to the workspace where there is one. */
    path: z.string(),
    /** The model that answers, when the pipeline names one. */
    model: z.optional(z.string()),
    /** Whether the pipeline can be asked; when not, a notice says why. */
    canSend: z.boolean(),
    /** The editor holds changes that are not on disk. */
    isDirty: z.boolean(),
    /** Up to three questions to start with. */
    examples: z.array(z.string()),
  }),
  /** Whether new chats are saved. */
  isSaving: z.boolean(),
  /** Pinned ones first, then the newest. */
  chats: z.array(chatSummary),
  /** The chats of the server are not among them: they are on their way, or can't be listed now. */
  unlisted: z.optional(z.enum(['coming', 'unavailable'])),
  chat: openChat,
  notices: z.array(notice),
  /** Seconds that an armed delete waits for its second click. */
  deleteArmedSeconds: z.number(),
});
export type ViewSnapshot = z.infer<typeof viewSnapshot>;
