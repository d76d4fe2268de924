import * as z from 'zod/mini';

/** How often a worker does what, relative to the rest. *Shared* chats are worked on by others, too. */
const mix = z.object({
  send: z.optional(z.number()),
  rename: z.optional(z.number()),
  delete: z.optional(z.number()),
  create: z.optional(z.number()),
  renameOwn: z.optional(z.number()),
  deleteOwn: z.optional(z.number()),
  restoreOwn: z.optional(z.number()),
  /** Shows the list, and what others said in a shared chat. */
  look: z.optional(z.number()),
  /** Compares the list with the files. */
  check: z.optional(z.number()),
});

/** What a worker has to do until its input ends, or `rounds` times. */
export const workerJob = z.object({
  /** The `.chats` folder on this disk, unless the chats are worked on through a server. */
  root: z.string(),
  server: z.optional(z.object({ url: z.string(), key: z.string() })),
  seed: z.number(),
  /** The shared chats, all on disk already. */
  chats: z.array(z.string()),
  mix,
  rounds: z.optional(z.number()),
  /** Share of its writes before which the worker suspends itself. */
  suspends: z.optional(z.number()),
  /** Share of its appends in the middle of which the worker dies. */
  tears: z.optional(z.number()),
  /** Says what the list of chats shows, before and after it was checked against the files, and does nothing else. */
  isListing: z.optional(z.boolean()),
});
export type WorkerJob = z.infer<typeof workerJob>;
export type Deed = keyof WorkerJob['mix'];
