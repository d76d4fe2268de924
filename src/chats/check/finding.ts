/** What a check of saved chats can find. The list is closed: each has its sentence below. */
export type FindingKind = keyof typeof SENTENCES;

export interface Finding {
  readonly kind: FindingKind;
  /** The chat it is about; absent when it is about the list or the folder. */
  readonly chatId?: string;
  /** Of the file or folder, relative to the store, for people. */
  readonly path: string;
  /** How many of them: lines, turns, files or rows, as the message says. */
  readonly count: number;
  /** One plain sentence: what is wrong, and what Repair does or why nothing needs doing. */
  readonly message: string;
  readonly canRepair: boolean;
}

export interface FoundWhere {
  readonly path: string;
  readonly chatId?: string;
  /** Default 1. */
  readonly count?: number;
  /** A reason, a list of fields or a size, for the sentence. */
  readonly detail?: string;
}

export function finding(kind: FindingKind, { path, chatId, count = 1, detail = '' }: FoundWhere): Finding {
  const { say, canRepair } = SENTENCES[kind];
  return { kind, ...(chatId === undefined ? {} : { chatId }), path, count, message: say(count, detail), canRepair };
}

interface Sentence {
  readonly say: (count: number, detail: string) => string;
  readonly canRepair: boolean;
}

const fact = (say: Sentence['say']): Sentence => ({ say, canRepair: false });
const mendable = (say: Sentence['say']): Sentence => ({ say, canRepair: true });

const SENTENCES = {
  'catalog-missing': mendable((n) => `The list of chats is missing; Repair makes it anew from ${some(n, 'chat')}.`),
  'catalog-torn': mendable((n) => `The list of chats is damaged; Repair makes it anew from ${some(n, 'chat')}.`),
  'catalog-not-a-file': mendable(
    (n) =>
      `A folder is in the place of the list of chats; Repair moves it aside and makes the list from ${some(n, 'chat')}.`,
  ),
  'catalog-newer': fact(() => 'The list of chats is of a newer version of Pipeline Chat; this one does not change it.'),
  'catalog-unreadable': fact((_, why) => `The list of chats can't be read, so it is not compared: ${why}`),
  'strange-rows': fact((n) => `${some(n, 'row')} of the list can't be understood; they are kept as they are.`),
  'entry-without-folder': mendable(() => 'The list names a chat whose folder is gone; Repair takes it off the list.'),
  'folder-without-entry': mendable(() => 'The list does not name this chat; Repair adds it.'),
  'entry-disagrees': mendable(
    (_, fields) => `The list disagrees with the chat's files (${fields}); Repair sets what the files say.`,
  ),
  'turns-missing': fact(
    (n) =>
      `The list speaks of ${some(n, 'turn')}, but the transcript holds no question; if you have a copy of it, put that back.`,
  ),
  'folder-unreadable': fact((_, why) => `This folder can't be looked into: ${why}`),
  'transcript-missing': fact(
    () => 'The transcript is missing; put a copy of it back if you have one, or delete the chat.',
  ),
  'transcript-unreadable': fact((_, why) => `The transcript can't be read, and it is left alone: ${why}`),
  'newer-chat': fact(() => 'A newer version of Pipeline Chat wrote in this chat; this one does not change it.'),
  'header-missing': mendable(
    () =>
      'The transcript has no readable header, without which RocketRide does not open it; Repair adds one at its end.',
  ),
  'header-of-another-chat': fact(
    () => "The header is another chat's; the chat can be used here, but RocketRide does not open it.",
  ),
  'torn-tail': mendable(
    () => 'The last line was not written to its end; Repair closes it, so that no other is glued to it.',
  ),
  'unreadable-lines': fact((n) => `${some(n, 'line')} can't be read; all others can, and nothing is removed.`),
  'conflict-markers': fact(
    (n) =>
      `${some(n, 'line')} ${n === 1 ? 'is a conflict marker' : 'are conflict markers'} of git; the turns around are read, and you can take the markers out.`,
  ),
  'long-lines': fact((n) => `${some(n, 'line')} of over 64 MiB can't be read and ${n === 1 ? 'is' : 'are'} kept.`),
  'unknown-records': fact((n) => `${some(n, 'line')} of a kind unknown here; nothing is wrong with that.`),
  'seq-order': fact(
    (n) => `${some(n, 'turn')} with a number that is not above those before; they are shown as they stand.`,
  ),
  'end-without-ask': fact(
    (n) => `The question of ${some(n, 'failed or stopped answer')} is missing; they are not shown.`,
  ),
  interrupted: fact((n) => `${some(n, 'question')} had no answer when the window closed; open the chat to ask again.`),
  'meta-unreadable': fact((_, why) => `Title and marks of the chat can't be read, and they are left alone: ${why}`),
  'meta-unreadable-lines': fact(
    (n) => `${some(n, 'line')} of the chat's title and marks can't be read; the others hold.`,
  ),
  'meta-torn-tail': mendable(() => 'The last line of title and marks was not written to its end; Repair closes it.'),
  'delete-unfinished': mendable(
    () => 'The chat was deleted but is still in its place; Repair moves it to Recently Deleted.',
  ),
  'partial-leftover': mendable(
    () => 'A part of an answer was kept whose question has its end, or was asked again; Repair moves it to the backup.',
  ),
  'partial-unknown': fact(
    () => 'A part of an answer is kept whose question is not in the transcript; it may be all that is left, and stays.',
  ),
  'temporary-file': mendable(
    () => 'A temporary file was left by a window that was cut off; Repair moves it to the backup.',
  ),
  'strange-file': fact((_, why) => `This is not looked into: ${why}`),
  'kept-copies': fact(
    (n, size) => `${some(n, 'copy', 'copies')} of damaged or repaired files, ${size}; you can remove them.`,
  ),
  'dead-locks': fact((n) => `${some(n, 'lock')} of windows that are gone; the next question clears them away.`),
} satisfies Record<string, Sentence>;

function some(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : nouns}`;
}
