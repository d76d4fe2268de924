/** Something that the reader has to do first; the message is one sentence that says what. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** What to print for any thrown value: a sentence for a SetupError, else the stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
