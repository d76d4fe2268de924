import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { type FailureReason, ServerFailure } from '../../../src/rocketride/serverFailure.ts';

/** Every text that the server is known to send, with what it means. */
const TEXTS: Readonly<Record<FailureReason, readonly string[]>> = {
  'already-open': [
    'File already open for writing: .chats/a',
    'Cannot delete file while it is open for writing: .chats/a',
    'Cannot rename file while it is open for writing: .chats/a',
    'Cannot rename onto file that is open for writing: .chats/a',
  ],
  'not-found': ['File not found: users/local/files/.chats/a'],
  'destination-exists': ['Destination already exists: .chats/a'],
  'not-empty': ['Directory not empty: .chats'],
  'cannot-delete': [
    'Expected version is required when deleting file: .chats/a',
    'rmdir partial failure (2 file(s)): a, b',
  ],
  'write-failed': ['Close failed after 5 bytes; file state indeterminate: /srv/secret'],
  'handles-open': ['Cannot modify: file open for writing under .chats', 'Cannot modify: handle open under .chats'],
  'bad-handle': [
    'Invalid handle: e22d2a13',
    'Handle already closed: e22d2a13',
    'Wrong handle mode: expected w, got r',
    'Handle belongs to another connection',
  ],
  'too-many-handles': ['Too many open handles for connection 3'],
  'bad-path': ['Path traversal not allowed: ../x', 'Path contains invalid characters: a:b'],
  'no-permission': [
    "Permission 'task.store' denied",
    "Permission 'task.control' denied for this task",
    'Access denied: no permissions for this task',
  ],
  'bad-key': [
    'Invalid API key',
    'No authorization provided',
    'Invalid authorization provided',
    'Bad request',
    'Authentication failed',
    'Not authenticated',
  ],
  'too-many-logins': ['Too many authentication attempts'],
  'already-running': ['Pipeline is already running.'],
  'task-ended': ['Task has already completed'],
  'not-running': ['Your pipeline is not running'],
  'bad-pipeline': [
    'Pipeline does not have a source component defined',
    'Pipeline has multiple source components, please specify one explicitly',
    'Pipeline source component "chat_1" not found in components list',
    'Source "chat_1" not found in pipeline',
    'Invalid components in pipeline',
    'Missing pipeline configuration in launch request',
    'Profile claude is not defined in llm_anthropic',
  ],
  'wrong-provider': ['You are looking for a "chat", but this pipeline isn\'t it'],
  'unknown-command': ['Invalid command: rrext_new', 'Unknown subcommand: fs_nope'],
  empty: ['', ' '],
  other: [
    "'NoneType' object has no attribute 'replace'",
    'Subcommand is required',
    'rmdir requires a non-empty path',
    'rename requires a non-empty "old_path" string',
    'Task token is required',
    'You must specifiy either token or project_id/source, not both',
    'Something new: File not found',
  ],
};

suite('server failures', () => {
  for (const [reason, texts] of Object.entries(TEXTS)) {
    for (const text of texts) {
      test(`"${text}" means ${reason}, and is not shown`, () => {
        const failure = new ServerFailure(text);
        assert.equal(failure.reason, reason);
        assert.equal(failure.serverText, text);
        assert.match(failure.message, /^[A-Z].*\.$/);
        if (text.trim()) assert.ok(!failure.message.toLowerCase().includes(text.toLowerCase().replace(/\.$/, '')));
        assert.doesNotMatch(failure.message, /users\/|\.chats|e22d2a13|chat_1|task\.|NoneType|\/srv|\.\.\/x/);
      });
    }
  }
});
