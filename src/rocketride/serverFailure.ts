import { ChatError, type ChatErrorCode } from '../protocol/chatError.ts';

/** What a refusal means, for code to branch on. */
export type FailureReason =
  | 'already-open' // another handle holds the path for writing
  | 'not-found' // no such file
  | 'destination-exists' // a rename never overwrites
  | 'not-empty' // a folder that is not to be removed with all in it
  | 'cannot-delete' // the server's storage takes nothing away (S3, Azure)
  | 'write-failed' // what the file holds now is not known
  | 'handles-open' // something below the folder is open
  | 'bad-handle' // closed, unknown, or another connection's
  | 'too-many-handles'
  | 'bad-path'
  | 'no-permission'
  | 'bad-key' // a login that was refused
  | 'too-many-logins'
  | 'already-running' // the pipeline has a task
  | 'task-ended' // it had one
  | 'not-running' // it has none
  | 'bad-pipeline' // it can't be started as it is
  | 'wrong-provider'
  | 'unknown-command'
  | 'empty' // the server said nothing
  | 'other';

/**
 * The server refused a request. Its own text is in `serverText`, for the log only: it may name the server's folders.
 * `message` is a sentence of ours.
 */
export class ServerFailure extends ChatError {
  readonly reason: FailureReason;
  readonly serverText: string;

  constructor(serverText: string) {
    const reason = failureReason(serverText);
    const { code, message } = MEANINGS[reason];
    super(code, message);
    this.name = 'ServerFailure';
    this.reason = reason;
    this.serverText = serverText;
  }
}

/** The stable part of the texts that the server is known to send; they are the only discriminator. */
const TEXTS: readonly (readonly [RegExp, FailureReason])[] = [
  [/^(Cannot (delete|rename).*open for writing|File already open for writing)/i, 'already-open'],
  [/^Cannot modify: (file|handle) open/i, 'handles-open'],
  [/^File not found/i, 'not-found'],
  [/^Destination already exists/i, 'destination-exists'],
  [/^Directory not empty/i, 'not-empty'],
  [/^(Expected version is required|rmdir partial failure)/i, 'cannot-delete'],
  [/^Close failed after/i, 'write-failed'],
  [/^(Invalid handle|Handle already closed|Wrong handle mode|Handle belongs to another)/i, 'bad-handle'],
  [/^Too many open handles/i, 'too-many-handles'],
  [/^(Path traversal not allowed|Path contains invalid characters)/i, 'bad-path'],
  [/^(Permission '.*' denied|Access denied)/i, 'no-permission'],
  [
    /^(Invalid API key|No authorization provided|Invalid authorization provided|Authentication failed|Not authenticated|Bad request)/i,
    'bad-key',
  ],
  [/^Too many authentication attempts/i, 'too-many-logins'],
  [/^Pipeline is already running/i, 'already-running'],
  [/^Task (has already completed|is terminating)/i, 'task-ended'],
  [/^Your pipeline is not running/i, 'not-running'],
  [
    /^(Pipeline (does not have|has multiple|source component)|Source ".*" not found|Invalid components|Missing pipeline|Profile .* is not defined)/i,
    'bad-pipeline',
  ],
  [/^You are looking for a/i, 'wrong-provider'],
  [/^(Invalid command|Unknown subcommand)/i, 'unknown-command'],
  [/^\s*$/, 'empty'],
];

export function failureReason(serverText: string): FailureReason {
  return TEXTS.find(([pattern]) => pattern.test(serverText))?.[1] ?? 'other';
}

const MEANINGS: Readonly<Record<FailureReason, { readonly code: ChatErrorCode; readonly message: string }>> = {
  'already-open': {
    code: 'contended',
    message: 'Another window or program is writing there on the server. Try again.',
  },
  'not-found': { code: 'not-found', message: 'It is not on the server any more.' },
  'destination-exists': { code: 'storage', message: 'There is something at that place on the server already.' },
  'not-empty': { code: 'storage', message: 'The folder on the server still holds something.' },
  'cannot-delete': { code: 'storage', message: "The server's storage can't delete or move files." },
  'write-failed': { code: 'storage', message: 'The server could not finish writing a file. Try again.' },
  'handles-open': {
    code: 'storage',
    message: 'Something in the folder is in use on the server. Try again in a moment.',
  },
  'bad-handle': { code: 'server-offline', message: 'The server closed a file in the middle. Try again.' },
  'too-many-handles': {
    code: 'storage',
    message: 'Too many files are open on the server at once. Try again in a moment.',
  },
  'bad-path': { code: 'invalid', message: 'The server does not take this file name.' },
  'no-permission': {
    code: 'server-forbidden',
    message: 'The key does not allow this on the server. Use one with more rights, or save the chats locally.',
  },
  'bad-key': { code: 'server-refused', message: 'The server does not accept the key. Set another one.' },
  'too-many-logins': {
    code: 'server-refused',
    message: 'The server refuses more logins for now. Check the key, then connect again.',
  },
  'already-running': { code: 'server-error', message: 'The pipeline is running on the server already.' },
  'task-ended': {
    code: 'task-ended',
    message: 'The pipeline has stopped running on the server. Retry starts it again.',
  },
  'not-running': { code: 'task-ended', message: 'The pipeline is not running on the server. Retry starts it again.' },
  'bad-pipeline': {
    code: 'pipeline-invalid',
    message: "The server can't run this pipeline: its source or its nodes are not complete.",
  },
  'wrong-provider': {
    code: 'pipeline-invalid',
    message: 'The pipeline that runs on the server is not one to chat with.',
  },
  'unknown-command': { code: 'server-error', message: 'The server does not know how to do this; it may be too old.' },
  empty: {
    code: 'server-error',
    message: 'The server refused and gave no reason. The pipeline may have been stopped there.',
  },
  other: { code: 'server-error', message: 'The server answered with an error. The log has its words.' },
};
