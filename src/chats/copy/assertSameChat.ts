import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { sameBytes } from '../../util/sameBytes.ts';
import { filePieces } from '../filePieces.ts';
import { filesBelow } from '../filesBelow.ts';
import { chatFolder, META, TRANSCRIPT, transcriptPath } from '../paths.ts';
import { type CopySource, isTemporary } from './copyChat.ts';
import { copiedTranscript, readContent, type TranscriptContent } from './copyTranscript.ts';

/** An empty file by which a server knows a folder; other stores have none. */
const MARKER = /(^|\/)\.dirmarker$/;

/**
 * Reads both a chat and its copy again, and compares every byte of every file; a copy's meta file may say more behind
 * what the original says. @throws ChatError `storage` when they differ.
 */
export async function assertSameChat(
  { files, transcript, folder = '' }: CopySource,
  content: TranscriptContent,
  copy: FileStore,
  copyId: string,
): Promise<void> {
  const { size, recordCount, turnCount, unreadableCount } = content;
  const expected = copiedTranscript(files, transcript, { id: copyId, size, without: new Set() });
  const found = await readContent(copy, transcriptPath(copyId));
  const isReadable =
    found.recordCount === recordCount && found.turnCount === turnCount && found.unreadableCount === unreadableCount;
  if (!isReadable || !(await startsWith(wholeFile(copy, transcriptPath(copyId)), expected, 'and ends')))
    throw differs();
  const [names, copyNames] = await Promise.all([namesBelow(files, folder), namesBelow(copy, chatFolder(copyId))]);
  for (const name of new Set([...names, ...copyNames])) {
    if (name === TRANSCRIPT || (name === META && !names.has(name))) continue;
    const ours = wholeFile(files, `${folder}/${name}`);
    const theirs = wholeFile(copy, `${chatFolder(copyId)}/${name}`);
    const isSame = names.has(name) && copyNames.has(name);
    if (!isSame || !(await startsWith(theirs, ours, name === META ? 'or goes on' : 'and ends'))) throw differs();
  }
}

function differs(): ChatError {
  return new ChatError(
    'storage',
    'What was written there is not the same when it is read again. It was removed there.',
  );
}

async function namesBelow(files: FileStore, folder: string): Promise<ReadonlySet<string>> {
  const names = (await filesBelow(files, folder)).map((path) => path.slice(folder.length + 1));
  return new Set(names.filter((name) => !isTemporary(name) && !MARKER.test(name)));
}

async function* wholeFile(files: FileStore, path: string): AsyncGenerator<Uint8Array> {
  yield* filePieces(files, path, { start: 0, end: (await files.stat(path))?.size ?? 0 });
}

/** Whether the bytes of `all` begin with those of `start`, and end with them or go on. */
async function startsWith(
  all: AsyncGenerator<Uint8Array>,
  start: AsyncGenerator<Uint8Array>,
  how: 'and ends' | 'or goes on',
): Promise<boolean> {
  let left: Uint8Array = new Uint8Array();
  for await (const piece of start) {
    for (let at = 0; at < piece.length; ) {
      if (left.length === 0) {
        const next = await all.next();
        if (next.done) return false;
        left = next.value;
      }
      const count = Math.min(left.length, piece.length - at);
      if (!sameBytes(left.subarray(0, count), piece.subarray(at, at + count))) return false;
      left = left.subarray(count);
      at += count;
    }
  }
  const isEnd = left.length === 0 && (await all.next()).done === true;
  return isEnd || how === 'or goes on';
}
