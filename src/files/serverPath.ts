import { ChatError } from '../protocol/chatError.ts';
import { storePath } from './storePath.ts';

/** What the server refuses in a name, and the SDKs before it. */
const FORBIDDEN = /[*?<>|":]|\p{Cc}/u;

/**
 * Where a path of a store lies in the account's files. Nothing outside `root` can be named: whatever is asked of the
 * server goes through here. @throws ChatError `invalid` for a path that could leave the store or that no server takes.
 */
export function serverPath(root: string, path: string): string {
  const segments = storePath(path);
  if (segments.some((segment) => FORBIDDEN.test(segment))) {
    throw new ChatError('invalid', `"${path}" is not a path that a server can keep.`);
  }
  return [root, ...segments].join('/');
}

/** Whether a path of a store can have this segment. */
export function isServerName(name: string): boolean {
  return !/^\.{0,2}$|[\\/]/.test(name) && !FORBIDDEN.test(name);
}
