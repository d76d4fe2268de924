import type { ServerSession } from '../rocketride/serverSession.ts';
import { closeWritten, deleteFile, isFailure, openForWriting } from './serverFiles.ts';

/** What this server's storage turned out to be able to do. On S3 and Azure nothing is ever deleted or renamed. */
export class ServerTraits {
  #canDelete: boolean | undefined;

  /** undefined while nothing was deleted yet. */
  get canDelete(): boolean | undefined {
    return this.#canDelete;
  }

  /** Whether a file of this size (in bytes) is one that could only be emptied. */
  isDiscarded(size: number | undefined): boolean {
    return size === 0 && this.#canDelete === false;
  }

  /** Deletes a file; where that can't be done it is emptied, which counts as deleted from then on. */
  async discard(session: ServerSession, serverPath: string): Promise<void> {
    if (this.#canDelete !== false) {
      try {
        await deleteFile(session, serverPath);
        this.#canDelete = true;
        return;
      } catch (error) {
        if (!isFailure(error, 'cannot-delete')) throw error;
        this.#canDelete = false;
      }
    }
    await closeWritten(await openForWriting(session, serverPath));
  }
}
