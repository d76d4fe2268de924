import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { projectPaths } from './projectPaths.ts';

const frame = z.object({
  conn: z.number(),
  dir: z.enum(['client->server', 'server->client']),
  frame: z.enum(['text', 'binary']),
  json: z.looseObject({ command: z.optional(z.string()) }),
  payloadUtf8: z.optional(z.string()),
});
export type RecordedFrame = z.infer<typeof frame>;

/** One request of a client, and all that the server sent before the next one on the same connection. */
export interface RecordedStep {
  readonly request: RecordedFrame;
  readonly replies: RecordedFrame[];
}

/** The recording of a real server: the steps of each connection, in the order in which they were opened. */
export function readWireTranscript(): RecordedStep[][] {
  const connections = new Map<number, RecordedStep[]>();
  const lines = readFileSync(`${projectPaths.root}/test/fixtures/wire-transcript.jsonl`, 'utf8').trim().split('\n');
  for (const line of lines) {
    const recorded = frame.safeParse(JSON.parse(line));
    if (!recorded.success) continue; // a note, or that a socket opened or closed
    const steps = connections.get(recorded.data.conn) ?? [];
    connections.set(recorded.data.conn, steps);
    if (recorded.data.dir === 'client->server') steps.push({ request: recorded.data, replies: [] });
    else steps.at(-1)?.replies.push(recorded.data);
  }
  return [...connections.values()];
}

export function payloadOf({ frame, payloadUtf8 }: RecordedFrame): Buffer | undefined {
  return frame === 'binary' ? Buffer.from(payloadUtf8 ?? '') : undefined;
}
