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

interface Looked {
  readonly chat: TrashedChat;
  readonly isMarked: boolean;
}

interface Unmarked {
  readonly id: string;
  readonly folder: string;
  readonly entry: CatalogEntry;
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
    const [names, left] = await Promise.all([this.#names(), this.#left()]);
    return [...(await mapSome(names, (name) => this.#look(name, trashFolder(name)))), ...left].map(({ chat }) => chat);
  }

  /** How many chats `list` would give; found without reading those that were moved here. */
  async count(): Promise<number> {
    const [names, left] = await Promise.all([this.#names(), this.#left()]);
    return names.length + left.length;
  }

  /** The chat that was deleted last under this id; undefined when none is here. */
  async find(id: string): Promise<TrashedChat | undefined> {
    const names = (await this.#names()).filter((name) => idOf(name) === id);
    const found = await mapSome(names, (name) => this.#look(name, trashFolder(name)));
    const left = await this.#look(id, chatFolder(id));
    const chats = [...found, ...(left.isMarked ? [left] : [])].map(({ chat }) => chat);
    return chats.toSorted((a, b) => Date.parse(a.deleted) - Date.parse(b.deleted)).at(-1);
  }

  /** Moves the folder of a chat here, under the name that is returned. @throws ChatError `not-found` when there is none. */
  take(id: string): Promise<string> {
    return this.#locks.ofChat(id, async (lease) => {
      let name = id;
      for (let count = 2; await this.#files.stat(trashFolder(name)); count += 1) name = `${id}~${count}`;
      await this.#files.move(chatFolder(id), trashFolder(name), lease);
      return name;
    });
  }

  /**
   * Puts chats back where they were. One that can't be put back does not keep the others from it.
   * @throws ChatError `not-found` for one that is not here any more.
   */
  async restore(...names: string[]): Promise<void> {
    const failures: unknown[] = [];
    const each = async <T>(items: readonly T[], work: (item: T) => Promise<void>) => {
      for (const item of items) await work(item).catch((error) => failures.push(error));
    };
    const unmarked: Unmarked[] = [];
    await each(names, async (name) => void unmarked.push(await this.#unmark(name)));
    await this.#catalog.change((entries) => unmarked.reduce((all, { entry }) => withEntry(all, entry), entries));
    await each(unmarked, async ({ id, folder }) => {
      if (folder === chatFolder(id)) return;
      await this.#locks.ofChat(id, (lease) => this.#files.move(folder, chatFolder(id), lease));
    });
    this.#onDidChange();
    if (failures.length > 0) throw failures[0];
  }

  /** Removes chats for good. What is gone already counts as removed. */
  async purge(...names: string[]): Promise<void> {
    for (const name of names) {
      // Under the lock, so that an answer that comes late does not bring it back.
      await this.#locks.ofChat(idOf(name), async () => {
        const folder = await this.#folder(name);
        if (folder !== undefined) await this.#files.remove(folder);
      });
    }
    this.#onDidChange();
  }

  /** Names of the folders that were moved here. */
  async #names(): Promise<string[]> {
    const found = await this.#files.list(TRASH);
    return found.flatMap(({ name, kind }) => (kind === 'directory' && isTrashName(name) ? [name] : []));
  }

  /** Deleted chats whose folders could not be moved here. */
  async #left(): Promise<Looked[]> {
    // A list that can't be used names no chat: then each is looked at.
    const [catalog, folders] = await Promise.all([
      this.#catalog.read().catch(() => undefined),
      this.#catalog.folders(),
    ]);
    const known = new Set(catalog?.entries.map(({ guid }) => guid));
    const unnamed = folders.filter((id) => !known.has(id));
    return (await mapSome(unnamed, (id) => this.#look(id, chatFolder(id)))).filter(({ isMarked }) => isMarked);
  }

  /** Takes back that a chat was deleted; where it lies, and its row for the list. */
  async #unmark(name: string): Promise<Unmarked> {
    const id = idOf(name);
    const folder = await this.#folder(name);
    if (folder === undefined) {
      throw new ChatError('not-found', 'This chat is not in Recently Deleted any more.');
    }
    if (folder !== chatFolder(id) && (await this.#files.stat(chatFolder(id)))) {
      throw new ChatError('invalid', 'A chat with the same id is in the list. Delete that one first.');
    }
    await this.#locks.ofChat(id, (lease) => writeMeta(this.#files, folder, { deleted: false }, lease));
    return { id, folder, entry: (await summarizeFolder(this.#files, id, folder)).entry ?? unreadableEntry(id) };
  }

  /** Where a deleted chat lies: here, or still in its place; undefined when it is gone. */
  async #folder(name: string): Promise<string | undefined> {
    const moved = trashFolder(name);
    if (await this.#files.stat(moved)) return moved;
    const id = idOf(name);
    const left = await this.#look(id, chatFolder(id));
    return left.isMarked ? chatFolder(id) : undefined;
  }

  async #look(name: string, folder: string): Promise<Looked> {
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
