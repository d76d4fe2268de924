import * as z from 'zod/mini';

/** What a worker says on its pipe: first what it is about to do, then, when that is on disk, that it is done. */
const eventKinds = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready') }),
  z.object({ event: z.literal('creating'), chat: z.string() }),
  z.object({ event: z.literal('created'), chat: z.string() }),
  /** The question is safe. */
  z.object({ event: z.literal('asked'), chat: z.string(), id: z.string(), text: z.string() }),
  /** Its answer is safe. */
  z.object({ event: z.literal('answered'), chat: z.string(), id: z.string() }),
  z.object({ event: z.literal('renaming'), chat: z.string(), title: z.string() }),
  z.object({ event: z.literal('renamed'), chat: z.string(), title: z.string() }),
  z.object({ event: z.literal('deleting'), chat: z.string() }),
  z.object({ event: z.literal('deleted'), chat: z.string() }),
  z.object({ event: z.literal('restoring'), chat: z.string() }),
  z.object({ event: z.literal('restored'), chat: z.string() }),
  /** The catalog is on disk in this version. */
  z.object({ event: z.literal('wrote'), version: z.number() }),
  z.object({ event: z.literal('refused'), chat: z.string(), code: z.string(), message: z.string() }),
  /** The process is about to suspend itself, just before it changes this file. */
  z.object({ event: z.literal('suspending'), path: z.string() }),
  z.object({ event: z.literal('continued'), path: z.string() }),
  z.object({ event: z.literal('listed'), chats: z.array(z.object({ guid: z.string(), title: z.string() })) }),
  /** Another window kept a change waiting. */
  z.object({ event: z.literal('waited') }),
  z.object({ event: z.literal('logged'), message: z.string() }),
]);
export type TortureEventKind = z.infer<typeof eventKinds>;

/** `at` is the machine's monotonic clock in milliseconds, so that events of several processes can be compared. */
export const tortureEvent = z.intersection(eventKinds, z.object({ at: z.number() }));
export type TortureEvent = z.infer<typeof tortureEvent>;
