import { ChatError } from '../protocol/chatError.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you don't have permission",
  EPERM: "you don't have permission",
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EFBIG: 'the file has reached the size that is allowed',
  EISDIR: 'a folder is in its place',
  ENOTDIR: 'a file is in the place of its folder',
  EMFILE: 'too many files are open',
  EBUSY: 'another program is using it',
  EIO: 'the disk reports an error',
};

/** A failed file operation as a ChatError that says which file and why. */
export function diskError(error: unknown, path: string): ChatError {
  if (error instanceof ChatError) return error;
  const code = errorCode(error);
  if (isMissing(error)) return new ChatError('not-found', `There is no file ${path} (any more).`, { cause: error });
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new ChatError('storage', `${path} can't be used: ${reason}.`, { cause: error });
}

export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** There is something already at the path that was to be made. */
export function isTaken(error: unknown): boolean {
  return errorCode(error) === 'EEXIST';
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
