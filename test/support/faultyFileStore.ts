import type { FileStore } from '../../src/files/fileStore.ts';
import { ChatError } from '../../src/protocol/chatError.ts';
import { type FileOperation, HookedFileStore } from './hookedFileStore.ts';

export const FAULTS = [
  /** Nothing is done, and it is said so. */
  'refused',
  /** Half of the bytes are there, and it is said to have failed. */
  'torn',
  /** All is done, and it is said to have failed. */
  'deaf',
  /** Nothing is done, nor ever again by this window. */
  'power cut',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Files of which one operation goes wrong, or all from that one on. */
export class FaultyFileStore extends HookedFileStore {
  readonly #files: FileStore;
  readonly #fault: Fault;
  readonly #at: number;
  #count = 0;
  #failed: string | undefined;

  /** @param at number of the operation that goes wrong, from 1 on */
  constructor(files: FileStore, fault: Fault, at: number) {
    super(files, (operation, work) => this.#run(operation, work));
    this.#files = files;
    this.#fault = fault;
    this.#at = at;
  }

  /** The operation that went wrong; undefined when it was never asked for. */
  get failed(): string | undefined {
    return this.#failed;
  }

  async #run<T>(operation: FileOperation, work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    const isNow = this.#count === this.#at;
    const isDead = this.#fault === 'power cut' && this.#count > this.#at;
    if (!isNow && !isDead) return work();
    this.#failed ??= `${operation.kind} ${operation.path}`;
    if (this.#fault === 'deaf') await work();
    if (this.#fault === 'torn' && 'data' in operation) {
      const half = operation.data.subarray(0, Math.ceil(operation.data.length / 2));
      await this.#files[operation.kind](operation.path, half);
    }
    throw new ChatError('storage', `${operation.path} can't be used: a fault of the test.`);
  }
}
