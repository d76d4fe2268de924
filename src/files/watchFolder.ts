import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Disposable } from '../util/disposable.ts';

const RETRY_MS = 500;
const SETTLE_MS = 30;

/**
 * Calls `onChange` shortly after the entries of a folder change, several changes at once as one. A folder that is not
 * there (yet, or any more) is looked for every half second.
 * @param find the folder's absolute path; throws while it must not be watched
 */
export function watchFolder(find: () => string, onChange: () => void): Disposable {
  let watcher: FSWatcher | undefined;
  let retry: NodeJS.Timeout | undefined;
  let settle: NodeJS.Timeout | undefined;
  let isDisposed = false;

  const changed = () => {
    settle ??= setTimeout(() => {
      settle = undefined;
      onChange();
    }, SETTLE_MS);
  };
  const lookAgain = () => {
    watcher?.close();
    watcher = undefined;
    if (!isDisposed) retry = setTimeout(() => start(true), RETRY_MS).unref();
  };
  const start = (isRetry: boolean) => {
    try {
      const folder = find();
      watcher = watch(folder, (_event, name) => {
        changed();
        // Linux reports the removal of the watched folder itself under its own name, and nothing ever after.
        if (name !== null && name === basename(folder)) lookAgain();
      });
      watcher.on('error', lookAgain);
      if (isRetry) changed();
    } catch {
      // Not there: nothing is lost by looking again.
      lookAgain();
    }
  };
  start(false);

  return {
    dispose: () => {
      isDisposed = true;
      watcher?.close();
      clearTimeout(retry);
      clearTimeout(settle);
    },
  };
}
