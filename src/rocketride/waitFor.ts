import { ChatError } from '../protocol/chatError.ts';
import type { Event } from '../util/emitter.ts';

/**
 * What `current` gives as soon as it gives something, looked at now and after each change; undefined when `waitMs` go by
 * without. Rejects with what `current` throws, and with `stopped` by `signal`.
 */
export async function waitFor<T>(
  current: () => T | undefined,
  onDidChange: Event<unknown>,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal },
): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const look = () => {
    try {
      const value = current();
      if (value !== undefined) resolve(value);
    } catch (error) {
      reject(error);
    }
  };
  const onAbort = () => reject(new ChatError('stopped', 'Waiting for the server was stopped.'));
  const timer = setTimeout(resolve, waitMs, undefined);
  const subscription = onDidChange(look);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  look();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    subscription.dispose();
    signal?.removeEventListener('abort', onAbort);
  }
}
