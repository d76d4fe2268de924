import type { Account } from './account.ts';
import { AccountFiles } from './accountFiles.ts';
import type { Services } from './call.ts';
import { DiskStorage } from './diskStorage.ts';
import { ObjectStorage } from './objectStorage.ts';
import type { TaskDeps } from './task.ts';
import { Tasks } from './tasks.ts';
import type { Traps } from './traps.ts';

export interface RunningServicesDeps extends TaskDeps {
  readonly folder: string;
  readonly traps: Traps;
  readonly accounts: readonly Account[];
}

/** What lives as long as the server's process: tasks, handles and locks. */
export class RunningServices implements Services {
  readonly traps: Traps;
  readonly accounts: readonly Account[];
  readonly tasks: Tasks;
  isDown = false;
  readonly #files = new Map<string, AccountFiles>();
  readonly #disk: DiskStorage;
  readonly #objects: ObjectStorage;

  constructor({ folder, traps, accounts, answer, publish }: RunningServicesDeps) {
    this.traps = traps;
    this.accounts = accounts;
    this.tasks = new Tasks({ answer, publish }, traps);
    this.#disk = new DiskStorage(folder);
    this.#objects = new ObjectStorage(folder);
  }

  filesOf(userId: string): AccountFiles {
    const known = this.#files.get(userId);
    if (known) return known;
    const made = new AccountFiles(userId, () => (this.traps.storage === 'object' ? this.#objects : this.#disk));
    this.#files.set(userId, made);
    return made;
  }

  async die(): Promise<void> {
    this.isDown = true;
    for (const task of this.tasks.all) task.vanish();
    for (const { handles } of this.#files.values()) await handles.abandonAll();
  }
}
