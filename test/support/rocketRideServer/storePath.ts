import { Refusal } from './refusal.ts';

/**
 * A path as a client names it, normalised: no leading, doubled or trailing slashes, no `.`; empty for the root.
 * @throws Refusal for `..` and for characters that the server does not take.
 */
export function storePath(path: string): string {
  const slashed = path.replaceAll('\\', '/').replace(/^\/+/, '');
  const segments = slashed.split('/');
  if (segments.includes('..')) throw new Refusal(`Path traversal not allowed: ${slashed}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[*?<>|":\x00-\x1f]/.test(slashed)) throw new Refusal(`Path contains invalid characters: ${slashed}`);
  return segments.filter((segment) => segment !== '' && segment !== '.').join('/');
}
