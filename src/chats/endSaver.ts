import type { FileAtEnd, FileStore } from '../files/fileStore.ts';
import type { AskedQuestion } from '../protocol/question.ts';
import { patchEntry, withEntry } from './catalog.ts';
import type { CatalogChange, CatalogFile } from './catalogFile.ts';
import type { ChatLocks } from './chatLocks.ts';
import { entryWithEnd } from './keptEntry.ts';
import { chatFolder, transcriptPath } from './paths.ts';
import { lastSeq } from './readTranscript.ts';
import { folderSizes, summarizeFolder } from './summarizeFolder.ts';
import { type EndRecord, encodeRecord } from './transcriptRecord.ts';
import { savedRecord, whenConnected } from './whenConnected.ts';

export interface EndSaverOptions {
  readonly files: FileStore;
  readonly catalog: CatalogFile;
  readonly locks: ChatLocks;
  readonly log: (message: string, cause?: unknown) => void;
}

/** An end with its number, and the bytes that the transcript has with it. */
interface PlacedEnd {
  readonly end: EndRecord;
  readonly size: number;
}

const NOTHING = new Uint8Array();

/** Saves the ends of asks in their transcripts, and at the same time in the list. */
export class EndSaver {
  readonly #files: FileStore;
  readonly #options: EndSaverOptions;

  constructor(options: EndSaverOptions) {
    this.#files = options.files;
    this.#options = options;
  }

  /**
   * Resolves when the end is on disk, and the list has it or its failure is logged.
   * @param mayBeSaved the end is looked for first
   */
  async save(
    id: string,
    question: AskedQuestion,
    makeEnd: (seq: number) => EndRecord,
    mayBeSaved: boolean,
  ): Promise<EndRecord> {
    const placed = Promise.withResolvers<PlacedEnd>();
    const saving = this.#saveEnd(id, makeEnd, placed.resolve, mayBeSaved);
    saving.catch(placed.reject);
    // The list may not have come to ask for it.
    placed.promise.catch(() => undefined);
    // The list follows at the same time; of an end that is not saved after all it says more than is there, until a check.
    const listing = this.#touch(id, question, placed.promise, saving).catch((error) =>
      saving.then(() => this.#options.log('A turn was saved, but the list of chats could not be updated.', error)),
    );
    const [end] = await Promise.all([saving, listing]);
    return end;
  }

  /** @param onPlaced hears which number the end got and how many bytes the transcript has with it, before it is saved */
  async #saveEnd(
    id: string,
    makeEnd: (seq: number) => EndRecord,
    onPlaced: (placed: PlacedEnd) => void,
    mayBeSaved: boolean,
  ): Promise<EndRecord> {
    const path = transcriptPath(id);
    let end = makeEnd(0);
    let isAgain = mayBeSaved;
    const lines = async (file: FileAtEnd) => {
      const saved = isAgain ? await savedRecord(file, path, end) : undefined;
      isAgain = true;
      if (saved && saved.type !== 'ask') {
        end = saved;
        onPlaced({ end, size: file.sizeWith(NOTHING) });
        return NOTHING;
      }
      if (end.type === 'turn') end = makeEnd((await lastSeq(file, path)) + 1);
      const line = encodeRecord(end);
      onPlaced({ end, size: file.sizeWith(line) });
      return line;
    };
    await whenConnected(() => this.#options.locks.ofChat(id, (lease) => this.#files.append(path, lines, lease)));
    return end;
  }

  async #touch(
    id: string,
    question: AskedQuestion,
    placed: Promise<PlacedEnd>,
    saving: Promise<unknown>,
  ): Promise<void> {
    const change: CatalogChange = async (entries) => {
      const entry = entries.find(({ guid }) => guid === id);
      const { end, size } = await placed;
      const told = entry?.checked?.chat ?? 0;
      if (entry && told < size) return patchEntry(entries, id, (one) => entryWithEnd(one, question, end, size));
      await saving;
      if (!entry) {
        const { entry: found, meta } = await summarizeFolder(this.#files, id, chatFolder(id));
        return found && !meta.deleted ? withEntry(entries, found) : entries;
      }
      // An end that came later was told before this one; or the transcript was shortened, and has to be looked at.
      const { chat = 0 } = await folderSizes(this.#files, chatFolder(id));
      if (chat >= told) return entries;
      return patchEntry(entries, id, (one) => entryWithEnd({ ...one, checked: undefined }, question, end, size));
    };
    await whenConnected(() => this.#options.catalog.change(change));
  }
}
