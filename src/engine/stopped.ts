import { ChatError } from '../protocol/chatError.ts';

/** The error of a question that the user stopped. @param message what that meant, when more than its end */
export function stopped(message = 'Stopped'): ChatError {
  return new ChatError('stopped', message);
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
