import { ChatError } from '../../protocol/chatError.ts';
import type { ChatStore } from '../chatStore.ts';
import { chatFolder, transcriptPath } from '../paths.ts';
import { summarizeFolder } from '../summarizeFolder.ts';
import { assertSameChat } from './assertSameChat.ts';
import { answeredElsewhere, type CopySource, isNewer, placeCopies, stageCopy, sweepStaging } from './copyChat.ts';
import { readContent } from './copyTranscript.ts';
import { onlyListed } from './onlyListed.ts';

/**
 * Moves a chat to another store under the same id: it goes to the trash here once what lies there was read again and
 * found to be the same.
 * @throws ChatError saying why the chat stays where it is
 */
export async function moveChat(source: ChatStore, id: string, target: ChatStore): Promise<void> {
  const size = await carry(source, id, target, id);
  const now = await source.files.stat(transcriptPath(id));
  if (now && now.size !== size) {
    await target.delete(id);
    throw new ChatError('contended', 'Another window went on with this chat at that moment. It stays where it is.');
  }
  await source.delete(id);
}

/** Copies a chat to another store under a new id, which is returned: one id in two lists would be one chat to a window. */
export async function copyChatTo(
  source: ChatStore,
  id: string,
  target: ChatStore,
  { newId, now }: { newId: () => string; now: () => string },
): Promise<string> {
  const copyId = newId();
  await carry(source, id, target, copyId, now());
  return copyId;
}

/** Returns how many bytes of the transcript were carried. @param copied when, for a chat that gets an id of its own */
async function carry(
  source: ChatStore,
  id: string,
  target: ChatStore,
  copyId: string,
  copied?: string,
): Promise<number> {
  const listed = (await source.list()).find(({ guid }) => guid === id);
  if (!listed) throw new ChatError('not-found', 'This chat was deleted.');
  if (await target.files.stat(chatFolder(copyId)))
    throw new ChatError('invalid', 'There is a chat with its id already.');
  await target.prepare();
  await sweepStaging(target);
  const from: CopySource = {
    files: source.files,
    transcript: transcriptPath(id),
    folder: chatFolder(id),
    isAlive: (writerId) => source.writer.isAlive(writerId),
  };
  const { content, copy } = await source.locks.ofChat(id, async () => {
    const content = await readContent(from.files, from.transcript);
    if (content.isNewer) throw isNewer('This chat');
    if ((await answeredElsewhere(content, from.isAlive)).size > 0) {
      throw new ChatError('contended', 'A question is being answered in it. Wait for the answer, or stop it.');
    }
    const { entry } = await summarizeFolder(source.files, id, chatFolder(id));
    const copy = await stageCopy(target, from, content, copyId, {
      ...(entry ? onlyListed(listed, entry) : {}),
      ...(copied === undefined ? {} : { origin: { guid: id, copied } }),
    });
    return { content, copy };
  });
  if (!copy) throw new ChatError('invalid', 'There is no question in it.');
  const failure = (await placeCopies(target, [copy])).get(copyId);
  if (failure) throw failure;
  try {
    await assertSameChat(from, content, target.files, copyId);
  } catch (error) {
    await target.delete(copyId);
    throw error;
  }
  return content.size;
}
