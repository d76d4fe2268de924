import { join } from 'node:path';

/** The flags that keep all of a server's folders below its profile. */
export function serverFolders(profile: string): string[] {
  return [
    ...['--user-data-dir', join(profile, 'user')],
    ...['--extensions-dir', join(profile, 'extensions')],
    ...['--server-data-dir', join(profile, 'server')],
  ];
}
