import type { FileStore } from '../../files/fileStore.ts';
import { ChatError } from '../../protocol/chatError.ts';
import { decodeCatalog } from '../catalog.ts';
import type { ChatStore } from '../chatStore.ts';
import { chatName } from '../copy/chatName.ts';
import { answeredElsewhere, sweepStaging } from '../copy/copyChat.ts';
import { readContent } from '../copy/copyTranscript.ts';
import { filesBelow } from '../filesBelow.ts';
import { CATALOG, CATALOG_LOCK, TRANSCRIPT } from '../paths.ts';
import { summarizeFolder } from '../summarizeFolder.ts';
import { writeMeta } from '../writeMeta.ts';
import { relist, scrubCatalog } from './scrubCatalog.ts';
import { type FilePlaces, findInFiles, scrubFiles } from './scrubFiles.ts';
import { type ChatPlace, chatPlaces, otherFiles } from './storeFiles.ts';
import { TextSwap } from './swapText.ts';

export interface TextPlaces {
  readonly placeCount: number;
  readonly fileCount: number;
  /** Places that a scrub leaves alone: keys and numbers of JSON, ids, and words that the format is made of. */
  readonly keptCount: number;
  /** What could not be searched or changed, so that the text may still be in it. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Where a text stands in the files of a store, or of these chats only: in any spelling of JSON, upper and lower case as
 * given. Nothing is changed. @throws ChatError `invalid` for a text of fewer than 3 characters.
 */
export async function findText(store: ChatStore, text: string, ids?: readonly string[]): Promise<TextPlaces> {
  const { files } = store;
  const swap = new TextSwap(sensible(text), '');
  const tally = new Tally();
  await eachChat(store, ids, tally, async ({ folder }) => findInFiles(files, await filesBelow(files, folder), swap));
  await tally.take(
    async () => CATALOG,
    () => findInCatalog(files, swap, ids),
  );
  await tally.take(
    async () => files.location,
    async () => findInFiles(files, await otherFiles(files, ids), swap),
  );
  return tally.result();
}

/**
 * Puts another text in the place of one, in every file of a store, or of these chats only: transcripts, what is said of
 * them, parts of answers, blobs, attachments, backups and the trash. Other bytes stay as they are; rows of the list are
 * made anew, because they show texts cut off. Not seen is what compressed files hold, and names of files. A chat that is
 * being answered, and one of a newer format, is refused and named. @returns what was found before; of that, `keptCount`
 * and `refused` are on disk still
 * @throws ChatError `invalid` for a text of fewer than 3 characters, or a replacement that holds it.
 */
export async function scrub(
  store: ChatStore,
  text: string,
  options: { ids?: readonly string[]; replacement?: string; now: () => string },
): Promise<TextPlaces> {
  const { ids, replacement = '[removed]', now } = options;
  if (replacement.includes(sensible(text))) {
    throw new ChatError('invalid', 'The new text holds the text that is to be removed. Choose another one.');
  }
  const { files, locks } = store;
  const swap = new TextSwap(text, replacement);
  const tally = new Tally();
  const changed = new Set<string>();
  await sweepStaging(store);
  // What only the list says is put beside the chats first; then, without the text there, nobody puts that back.
  await store.check();
  await tally.take(
    async () => CATALOG,
    async () => {
      const found = await findInCatalog(files, swap, ids);
      if (found.size > 0) await store.changeCatalog(async (catalog) => scrubCatalog(catalog, swap, ids).catalog);
      return found;
    },
  );
  await eachChat(store, ids, tally, ({ folder, id }) =>
    locks.ofChat(id, async (lease) => {
      const paths = await filesBelow(files, folder);
      const places = await findInFiles(files, paths, swap);
      if ([...places.values()].every(({ placeCount }) => placeCount === 0)) return places;
      await assertAtRest(store, folder);
      await scrubFiles(files, paths, swap, places, lease);
      await writeMeta(files, folder, { scrubbed_at: now() }, lease);
      changed.add(folder);
      return places;
    }),
  );
  if (changed.size > 0) {
    await store.changeCatalog(
      async (catalog) => scrubCatalog(await relist(files, catalog, changed), swap, ids).catalog,
    );
  }
  await tally.take(
    async () => files.location,
    () =>
      locks.exclusive(CATALOG_LOCK, async (lease) => {
        const paths = await otherFiles(files, ids);
        const places = await findInFiles(files, paths, swap);
        await scrubFiles(files, paths, swap, places, lease);
        return places;
      }),
  );
  return tally.result();
}

const LEAST_CHARACTERS = 3;

function sensible(text: string): string {
  if ([...text.trim()].length >= LEAST_CHARACTERS) return text;
  throw new ChatError('invalid', `Give at least ${LEAST_CHARACTERS} characters of the text that is to be removed.`);
}

/** Every folder of a chat, those as well that come while others are looked at. */
async function eachChat(
  store: ChatStore,
  ids: readonly string[] | undefined,
  tally: Tally,
  work: (place: ChatPlace) => Promise<FilePlaces>,
): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const places = (await chatPlaces(store.files)).filter(
      ({ folder, id }) => !done.has(folder) && (ids?.includes(id) ?? true),
    );
    if (places.length === 0) return;
    for (const place of places) {
      done.add(place.folder);
      await tally.take(
        () => nameOf(store.files, place),
        () => work(place),
      );
    }
  }
}

async function nameOf(files: FileStore, { folder, id }: ChatPlace): Promise<string> {
  return chatName(id, (await summarizeFolder(files, id, folder)).entry);
}

/** What is being written holds the text in memory, and would bring it back. */
async function assertAtRest(store: ChatStore, folder: string): Promise<void> {
  const path = `${folder}/${TRANSCRIPT}`;
  if (!(await store.files.stat(path))) return;
  const content = await readContent(store.files, path);
  if (content.isNewer) {
    throw new ChatError(
      'newer-format',
      'It was written by a newer version of Pipeline Chat, and this one must not change it. Update the extension.',
    );
  }
  const running = await answeredElsewhere(content, (writerId) => store.writer.isAlive(writerId));
  if (running.size > 0) throw new ChatError('contended', 'It is being answered. Try again when the answer is there.');
}

async function findInCatalog(
  files: FileStore,
  swap: TextSwap,
  ids: readonly string[] | undefined,
): Promise<FilePlaces> {
  if (!(await files.stat(CATALOG))) return new Map();
  const catalog = decodeCatalog(new TextDecoder().decode(await files.read(CATALOG)));
  // One that can't be read is kept beside the one that is made in its place.
  if (!catalog) return findInFiles(files, [CATALOG], swap);
  const { placeCount, keptCount } = scrubCatalog(catalog, swap, ids);
  return new Map(placeCount + keptCount > 0 ? [[CATALOG, { placeCount, keptCount }]] : []);
}

/** Counts what is found, and notes what can't be searched. */
class Tally {
  #placeCount = 0;
  #keptCount = 0;
  #fileCount = 0;
  readonly #refused: { name: string; reason: string }[] = [];

  /** @param nameOf for people, should it be refused */
  async take(nameOf: () => Promise<string>, find: () => Promise<FilePlaces>): Promise<void> {
    try {
      for (const { placeCount, keptCount } of (await find()).values()) {
        this.#placeCount += placeCount;
        this.#keptCount += keptCount;
        if (placeCount > 0) this.#fileCount += 1;
      }
    } catch (error) {
      const { code, message } = ChatError.from(error);
      if (code === 'internal') throw error;
      this.#refused.push({ name: await nameOf(), reason: message });
    }
  }

  result(): TextPlaces {
    return {
      placeCount: this.#placeCount,
      fileCount: this.#fileCount,
      keptCount: this.#keptCount,
      refused: this.#refused,
    };
  }
}
