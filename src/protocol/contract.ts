import * as z from 'zod/mini';
import { chatId } from './chatId.ts';
import { actionId, viewSnapshot } from './model.ts';

/** Questions longer than this are refused with a sentence (1 MiB in UTF-16 units). */
export const MAX_QUESTION_LENGTH = 1_048_576;

const nothing = z.void();

/** What the page may ask of the host. An answer carries ids and errors; the screen changes when the event comes. */
export const hostCalls = {
  /** The page is drawn and wants to know what it shows. */
  ready: { in: z.object({}), out: viewSnapshot },
  /** `null` starts a new chat, `isPrivate` one that is never saved. */
  openChat: { in: z.object({ chatId: z.nullable(chatId), isPrivate: z.optional(z.boolean()) }), out: nothing },
  /** Resolves when the question is safe (on disk, for a saved chat), not when it is answered. */
  send: {
    in: z.object({ chatId, text: z.string().check(z.maxLength(MAX_QUESTION_LENGTH)) }),
    out: z.object({ turnId: z.string() }),
  },
  stop: { in: z.object({ chatId }), out: nothing },
  /** What becomes of a failed, stopped or interrupted turn: ask again, keep what arrived, or take it out of sight. */
  resolveTurn: {
    in: z.object({ chatId, turnId: z.string(), how: z.enum(['retry', 'keep', 'discard']) }),
    out: nothing,
  },
  updateChat: {
    in: z.object({
      chatId,
      patch: z.object({
        title: z.optional(z.string().check(z.maxLength(500))),
        pinned: z.optional(z.boolean()),
        archived: z.optional(z.boolean()),
      }),
    }),
    out: nothing,
  },
  /** Moves the chat to the trash; the host offers to undo that. */
  deleteChat: { in: z.object({ chatId }), out: nothing },
  /** Shows the turns before those in sight: the next snapshot has them. */
  loadOlder: { in: z.object({ chatId }), out: nothing },
  setDraft: { in: z.object({ chatId, text: z.string().check(z.maxLength(MAX_QUESTION_LENGTH)) }), out: nothing },
  act: { in: z.object({ action: actionId }), out: nothing },
  /** Only http, https and mailto are opened. */
  openLink: { in: z.object({ href: z.string().check(z.maxLength(8192)) }), out: nothing },
  copy: { in: z.object({ text: z.string() }), out: nothing },
} as const;

/** What the host tells the page. */
export const viewEvents = {
  snapshot: viewSnapshot,
  /** Text to append to a running turn; the finished turn replaces it. */
  delta: z.object({
    chatId,
    turnId: z.string(),
    /** Key of the answer part, or `reasoning`, or `steps` for lines of their own. A part that is not there yet is added, labelled if a label is given. */
    part: z.string(),
    label: z.optional(z.string()),
    text: z.string(),
  }),
  /** Put the cursor into the composer, and `text` too when it is empty. */
  focusComposer: z.object({ text: z.optional(z.string()) }),
} as const;

export type HostCalls = typeof hostCalls;
export type ViewEvents = typeof viewEvents;

/** What the page keeps of itself over a reload (`setState`): facts live in the host. */
export const viewState = z.object({
  pipelineUri: z.string(),
  chatId: z.optional(z.nullable(chatId)),
  /** So that a private chat does not come back as one that is saved. */
  isPrivate: z.optional(z.boolean()),
  /** What the chat was called, until it can be read again. */
  title: z.optional(z.string()),
  scrollTop: z.optional(z.number()),
});
export type ViewState = z.infer<typeof viewState>;
