import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { mapSome } from '../util/mapSome.ts';
import { type CatalogEntry, withEntry } from './catalog.ts';
import type { CatalogFile } from './catalogFile.ts';
import type { ChatLocks } from './chatLocks.ts';
import { chatFolder, isChatId, TRASH } from './paths.ts';
import { summarizeFolder, unreadableEntry } from './summarizeFolder.ts';
import { writeMeta } from './writeMeta.ts';

export interface TrashedChat {
  /** Names it in the trash: its id, with a number behind it when that chat was deleted before. */
  readonly name: string;
  /** As the list showed it. */
  readonly entry: CatalogEntry;
  /** ISO 8601 in UTC; empty when that is not known. */
  readonly deleted: string;
}

/** The deleted chats of one store, each a folder of `.trash` until it is purged. */
export class ChatTrash {
  readonly #files: FileStore;
  readonly #catalog: CatalogFile;
  readonly #locks: ChatLocks;
  readonly #onDidChange: () => void;

  constructor(options: { files: FileStore; catalog: CatalogFile; locks: ChatLocks; onDidChange: () => void }) {
    this.#files = options.files;
    this.#catalog = options.catalog;
    this.#locks = options.locks;
    this.#onDidChange = options.onDidChange;
  }

  /** In no order. A chat whose folder could not be moved here is among them. */
  async list(): Promise<TrashedChat[]> {
    const [moved, listed, folders] = await Promise.all([
      this.#files.list(TRASH),
      this.#catalog.read(),
      this.#catalog.folders(),
    ]);
    const known = new Set(listed?.entries.map(({ guid }) => guid));
    const names = moved.flatMap(({ name, kind }) => (kind === 'directory' && isTrashName(name) ? [name] : []));
    const [here, left] = await Promise.all([
      mapSome(names, (name) => this.#look(name, trashFolder(name))),
      mapSome(
        folders.filter((id) => !known.has(id)),
        (id) => this.#look(id, chatFolder(id)),
      ),
    ]);
    return [...here, ...left.filter(({ isMarked }) => isMarked)].map(({ chat }) => chat);
  }

  /** Moves the folder of a chat here. @throws ChatError `not-found` when there is none. */
  async take(id: string): Promise<void> {
    await this.#locks.ofChat(id, async () => {
      let target = trashFolder(id);
      for (let count = 2; await this.#files.stat(target); count += 1) target = trashFolder(`${id}~${count}`);
      await this.#files.move(chatFolder(id), target);
    });
  }

  /** Puts chats back where they were. @throws ChatError `not-found` for one that is not here any more. */
  async restore(...names: string[]): Promise<void> {
    for (const name of names) await this.#restore(name);
    this.#onDidChange();
  }

  /** Removes chats for good. What is gone already counts as removed. */
  async purge(...names: string[]): Promise<void> {
    for (const name of names) {
      const folder = await this.#folder(name);
      if (folder !== undefined) await this.#files.remove(folder);
    }
    this.#onDidChange();
  }

  async #restore(name: string): Promise<void> {
    const id = idOf(name);
    const folder = await this.#folder(name);
    if (folder === undefined) {
      throw new ChatError('not-found', 'This chat is not in Recently Deleted any more.');
    }
    if (folder !== chatFolder(id) && (await this.#files.stat(chatFolder(id)))) {
      throw new ChatError('invalid', 'A chat with the same id is in the list. Delete that one first.');
    }
    await this.#locks.ofChat(id, (lease) => writeMeta(this.#files, folder, { deleted: false }, lease));
    const entry = (await summarizeFolder(this.#files, id, folder)).entry ?? unreadableEntry(id);
    await this.#catalog.change((entries) => withEntry(entries, entry));
    if (folder !== chatFolder(id)) {
      await this.#locks.ofChat(id, () => this.#files.move(folder, chatFolder(id)));
    }
  }

  /** Where a deleted chat lies: here, or still in its place; undefined when it is gone. */
  async #folder(name: string): Promise<string | undefined> {
    const moved = trashFolder(name);
    if (await this.#files.stat(moved)) return moved;
    const id = idOf(name);
    const left = await this.#look(id, chatFolder(id));
    return left.isMarked ? chatFolder(id) : undefined;
  }

  async #look(name: string, folder: string): Promise<{ chat: TrashedChat; isMarked: boolean }> {
    const id = idOf(name);
    const { entry, meta } = await summarizeFolder(this.#files, id, folder);
    const chat = { name, entry: entry ?? unreadableEntry(id), deleted: meta.deleted_at ?? '' };
    return { chat, isMarked: meta.deleted === true };
  }
}

const ID_LENGTH = 36;

function idOf(name: string): string {
  return chatFolder(name.slice(0, ID_LENGTH));
}

function isTrashName(name: string): boolean {
  return isChatId(name.slice(0, ID_LENGTH)) && /^(~\d+)?$/.test(name.slice(ID_LENGTH));
}

function trashFolder(name: string): string {
  if (!isTrashName(name)) throw new ChatError('invalid', `"${name.slice(0, 80)}" names no deleted chat.`);
  return `${TRASH}/${name}`;
}
