import { type HandleOwner, OpenHandles } from './openHandles.ts';
import { Refusal } from './refusal.ts';
import type { Storage } from './storage.ts';
import { storePath } from './storePath.ts';

const MARKER = '.dirmarker';

/** The file store of one account, with the server's own rules and texts. */
export class AccountFiles {
  readonly handles = new OpenHandles();
  readonly #root: string;
  readonly #storage: () => Storage;

  constructor(userId: string, storage: () => Storage) {
    this.#root = `users/${userId}/files`;
    this.#storage = storage;
  }

  async openWrite(path: string, owner: HandleOwner): Promise<string> {
    const key = this.#key(path);
    this.handles.lock(key, path, owner);
    try {
      const writer = await this.#storage().openWrite(key);
      return await this.handles.add({ mode: 'w', key, owner, writer });
    } catch (error) {
      this.handles.unlock(key);
      throw error;
    }
  }

  async openRead(path: string, owner: HandleOwner): Promise<{ handle: string; size: number }> {
    const key = this.#key(path);
    this.handles.checkCount(owner);
    const reader = await this.#storage().openRead(key);
    return { handle: await this.handles.add({ mode: 'r', key, owner, reader }), size: reader.size };
  }

  async remove(path: string): Promise<void> {
    const key = this.#key(path);
    if (this.handles.isLocked(key)) {
      throw new Refusal(`Cannot delete file while it is open for writing: ${path}`);
    }
    await this.#storage().remove(key);
  }

  /** What lies directly in a folder. Folders are known by the files below them: a missing or empty one is an empty list. */
  async list(path: string): Promise<object[]> {
    const prefix = `${this.#key(path)}/`;
    const storage = this.#storage();
    const kinds = new Map<string, 'file' | 'dir'>();
    for (const key of await storage.list(prefix)) {
      const [name = '', ...below] = key.slice(prefix.length).split('/');
      if (name === '' || name === MARKER) continue;
      kinds.set(name, below.length > 0 ? 'dir' : (kinds.get(name) ?? 'file'));
    }
    const names = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.all(
      names.map(async ([name, type]) => ({
        name,
        type,
        ...(type === 'file' ? await storage.info(prefix + name) : {}),
      })),
    );
  }

  async makeFolder(path: string): Promise<void> {
    await this.#storage().write(this.#key(`${path.replace(/\/+$/, '')}/${MARKER}`), Buffer.alloc(0));
  }

  /** Removes files and leaves the folders themselves on the disk. */
  async removeFolder(path: string, isRecursive: boolean): Promise<void> {
    if (storePath(path) === '') throw new Refusal('rmdir requires a non-empty path');
    const prefix = `${this.#key(path)}/`;
    this.handles.assertNoneUnder(prefix);
    const keys = await this.#storage().list(prefix);
    if (!isRecursive && keys.some((key) => !key.endsWith(`/${MARKER}`))) {
      throw new Refusal(`Directory not empty: ${path}`);
    }
    const failures: string[] = [];
    for (const key of keys) {
      await this.#storage()
        .remove(key)
        .catch((error: Error) => failures.push(`${key}: ${error.message}`));
    }
    if (failures.length === 0) return;
    throw new Refusal(`rmdir partial failure (${failures.length} file(s)): ${failures.join('; ')}`);
  }

  /** Copies, then removes, file by file; never overwrites. */
  async rename(from: string, to: string): Promise<void> {
    const [fromKey, toKey] = [this.#key(from), this.#key(to)];
    const storage = this.#storage();
    const below = await storage.list(`${fromKey}/`);
    if (below.length === 0) return this.#renameFile({ from, to, fromKey, toKey });
    this.handles.assertNoneUnder(`${fromKey}/`);
    this.handles.assertNoneUnder(`${toKey}/`);
    if ((await storage.list(`${toKey}/`)).length > 0) throw new Refusal(`Destination already exists: ${to}`);
    for (const key of below) await this.#move(key, toKey + key.slice(fromKey.length));
  }

  async stat(path: string): Promise<object> {
    const key = this.#key(path);
    const storage = this.#storage();
    const isFolder = (await storage.list(`${key}/`)).some((below) => below.startsWith(`${key}/`));
    const file = await storage.info(key);
    if (!isFolder && !file) return { exists: false };
    return { exists: true, type: isFolder ? (file ? 'both' : 'dir') : 'file', ...file };
  }

  async #renameFile({ from, to, fromKey, toKey }: Readonly<Record<'from' | 'to' | 'fromKey' | 'toKey', string>>) {
    if (this.handles.isLocked(fromKey)) throw new Refusal(`Cannot rename file while it is open for writing: ${from}`);
    if (this.handles.isLocked(toKey)) throw new Refusal(`Cannot rename onto file that is open for writing: ${to}`);
    if (await this.#storage().info(toKey)) throw new Refusal(`Destination already exists: ${to}`);
    await this.#move(fromKey, toKey);
  }

  async #move(fromKey: string, toKey: string): Promise<void> {
    const storage = this.#storage();
    await storage.write(toKey, await storage.read(fromKey));
    await storage.remove(fromKey);
  }

  #key(path: string): string {
    const normal = storePath(path);
    return normal === '' ? this.#root : `${this.#root}/${normal}`;
  }
}
