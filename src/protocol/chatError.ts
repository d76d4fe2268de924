import * as z from 'zod/mini';

/** What went wrong, for code to branch on. The list is closed: the page and the tests know every one. */
export const chatErrorCode = z.enum([
  'invalid', // input that a schema or a rule refuses
  'not-found', // a chat or file that is not there (any more)
  'contended', // another window holds what is needed
  'unreadable', // a file that could not be read; nothing was written
  'newer-format', // written by a newer version; never rewritten by this one
  'storage', // the disk refused: full, read-only, no permission
  'pipeline-invalid', // the pipeline file is no pipeline, or not one that can be chatted with
  'pipeline-unsupported', // it holds nodes that this engine cannot run
  'pipeline-unsaved', // the editor holds changes that are not on disk
  'source-ambiguous', // several chat sources, none chosen yet
  'missing-key', // a ${ROCKETRIDE_…} value that nobody has set
  'key-refused', // the user did not let a key go to this host
  'unreachable', // no connection to the model
  'unauthorized', // the model refused the key
  'rate-limited', // the model asks to wait
  'model-error', // the model answered with an error
  'broken-stream', // the answer broke off
  'no-answer', // the pipeline ended without a value that can be shown
  'stopped', // the user stopped it
  'server-offline', // no connection to the RocketRide server, or it was lost in the middle
  'server-refused', // the server does not take the key
  'server-forbidden', // the key has no right to this on the server
  'server-error', // the server answered with an error
  'task-ended', // the pipeline's run on the server ended, before or in the middle of an answer
  'untrusted', // the workspace is not trusted
  'internal', // a defect of ours; the log has the stack
]);
export type ChatErrorCode = z.infer<typeof chatErrorCode>;

/** Whether it comes from a RocketRide server, or from the way there. */
export function isServerCode(code: ChatErrorCode): boolean {
  return code.startsWith('server-');
}

/** A ChatError as it crosses the border to the page and as it lies in a transcript. */
export const chatErrorShape = z.object({ code: chatErrorCode, message: z.string() });
export type ChatErrorShape = z.infer<typeof chatErrorShape>;

/** An error that a user may read: what happened and what to do, without stack, token or a server's path. */
export class ChatError extends Error {
  readonly code: ChatErrorCode;

  constructor(code: ChatErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ChatError';
    this.code = code;
  }

  toShape(): ChatErrorShape {
    return { code: this.code, message: this.message };
  }

  static fromShape(shape: ChatErrorShape): ChatError {
    return new ChatError(shape.code, shape.message);
  }

  /** Anything thrown as a ChatError; what is not one becomes `internal` and keeps the original as its cause. */
  static from(error: unknown): ChatError {
    if (error instanceof ChatError) return error;
    return new ChatError('internal', 'Something went wrong inside Pipeline Chat. The log has the details.', {
      cause: error,
    });
  }
}
