import assert from 'node:assert/strict';
import { ChatError } from '../../src/protocol/chatError.ts';

/** The ChatError that `work` throws or rejects with; anything else fails the test. */
export async function chatErrorOf(work: () => unknown): Promise<ChatError> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof ChatError, `not a ChatError: ${error}`);
    return error;
  }
  return assert.fail('nothing was thrown');
}
