import { ChatError } from '../protocol/chatError.ts';

/** The error of a question that the user stopped. */
export function stopped(): ChatError {
  return new ChatError('stopped', 'The answer was stopped.');
}

/** Settles like `work`, but rejects with `stopped` as soon as the signal aborts; `work` itself goes on. */
export function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(stopped());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
