import { ChatError } from '../protocol/chatError.ts';

/** The segments of a path inside a store. @throws ChatError `invalid` for a path that could leave the store. */
export function storePath(path: string): string[] {
  if (path === '') return [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..' || /[\\:\0]/.test(segment)) {
      throw new ChatError('invalid', `"${path}" is not a path inside the chat folder.`);
    }
  }
  return segments;
}
