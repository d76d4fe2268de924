import { makeQuestion } from '../../../src/protocol/question.ts';
import type { RawClient, Received } from './rawClient.ts';

const CHAT_ID = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';

/** Starts a pipeline of nothing but a chat source; gives its `tk_`. */
export async function runChat(client: RawClient, projectId: string, options: object = {}): Promise<string> {
  const components = [{ id: 'chat_1', provider: 'chat', config: { mode: 'Source' } }];
  const { token } = await client.body('execute', { pipeline: { project_id: projectId, components }, ...options });
  return String(token);
}

/** Opens a pipe; gives its number. */
export async function openPipe(client: RawClient, token: string): Promise<unknown> {
  const object = { object: { name: 'Question 1' }, mimeType: 'application/rocketride-question', provider: 'chat' };
  return (await client.body('rrext_process', { subcommand: 'open', token, ...object })).pipe_id;
}

/** Writes a question into a pipe; resolves with the answer to that. */
export function writeQuestion(client: RawClient, token: string, pipe_id: unknown, text: string): Promise<Received> {
  const question = Buffer.from(JSON.stringify(makeQuestion(text, { chatId: CHAT_ID })));
  return client.request('rrext_process', { subcommand: 'write', token, pipe_id }, question);
}

export function closePipe(client: RawClient, token: string, pipe_id: unknown): Promise<Received> {
  return client.request('rrext_process', { subcommand: 'close', token, pipe_id });
}

/** A whole turn; gives its result. */
export async function askTask(client: RawClient, token: string, text: string) {
  const pipe = await openPipe(client, token);
  await writeQuestion(client, token, pipe, text);
  return (await closePipe(client, token, pipe)).message.body;
}
