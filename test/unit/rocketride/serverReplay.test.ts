import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, suiteTeardown, test } from 'mocha';
import * as z from 'zod/mini';
import { RawClient } from '../../support/rocketRideServer/rawClient.ts';
import { RocketRideServer } from '../../support/rocketRideServer/rocketRideServer.ts';

const RECORDING = new URL('../../fixtures/wire-transcript.jsonl', import.meta.url);

const line = z.object({
  note: z.optional(z.string()),
  conn: z._default(z.number(), 0),
  event: z.optional(z.enum(['open', 'server closed', 'client closed'])),
  code: z.optional(z.number()),
  dir: z.optional(z.enum(['client->server', 'server->client'])),
  frame: z.optional(z.enum(['text', 'binary'])),
  json: z._default(z.record(z.string(), z.unknown()), {}),
  payloadUtf8: z.optional(z.string()),
});

const folder = await mkdtemp(join(tmpdir(), 'replay-'));
suiteTeardown(() => rm(folder, { recursive: true, force: true }));

suite('the recording of a real server', () => {
  test('replayed against the server for tests gives the recorded answers', async () => {
    const lines = (await readFile(RECORDING, 'utf8')).trimEnd().split('\n');
    // It lay there before the recording began.
    const files = join(folder, 'users/local/files');
    await mkdir(files, { recursive: true });
    await writeFile(join(files, 'leak-20589.json'), '');
    const server = await RocketRideServer.start({ folder });
    const clients = new Map<number, RawClient>();
    const client = (conn: number) => clients.get(conn) ?? assert.fail(`Connection ${conn} is not open.`);
    const closedHere = new Set<number>();
    const ids = new RecordedIds();
    let note = '';
    let compared = 0;
    try {
      for (const text of lines) {
        const { conn, event, code, dir, frame, json, payloadUtf8, ...rest } = line.parse(JSON.parse(text));
        note = rest.note ?? note;
        // Where the recording waited for 15 seconds.
        if (rest.note === '--- chat after the crash') await server.tasks.all[0]?.over;
        if (event === 'open') clients.set(conn, await RawClient.open(server.url));
        if (event === 'client closed') {
          closedHere.add(conn);
          await client(conn).close();
        }
        if (event === 'server closed' && !closedHere.has(conn)) assert.equal(await client(conn).closed, code, note);
        const payload = payloadUtf8 === undefined ? undefined : Buffer.from(payloadUtf8);
        if (dir === 'client->server') client(conn).send(ids.translate(json), payload);
        if (dir === 'server->client') {
          const answer = await client(conn).next();
          ids.learn(json, answer.json);
          const actual = { frame: answer.isBinary ? 'binary' : 'text', json: plain(answer.json), payload: answer.data };
          assert.deepEqual(actual, { frame, json: plain(ids.translate(json)), payload }, `${note}\n${text}`);
          compared += 1;
        }
      }
    } finally {
      await server.stop();
    }
    assert.equal(compared, lines.filter((text) => text.includes('"dir":"server->client"')).length);
    assert.ok(compared > 60);
  });
});

/** Handles and object ids are another server's own; the same one stands for the same thing all through. */
class RecordedIds {
  readonly #actual = new Map<string, string>();

  learn(recorded: Readonly<Record<string, unknown>>, actual: Readonly<Record<string, unknown>>): void {
    const [theirs, ours] = [idsOf(recorded), idsOf(actual)];
    theirs.forEach((id, at) => {
      if (!this.#actual.has(id)) this.#actual.set(id, ours[at] ?? 'no id');
    });
  }

  translate(recorded: object): Record<string, unknown> {
    let text = JSON.stringify(recorded);
    for (const [theirs, ours] of this.#actual) text = text.replaceAll(theirs, ours);
    return JSON.parse(text);
  }
}

function idsOf({ body }: Readonly<Record<string, unknown>>): string[] {
  const { handle, objectId } = z.parse(z.looseObject({}), body ?? {});
  return [handle, objectId].filter((id) => typeof id === 'string');
}

/** Without times, measurements and the place in the server's source. */
function plain(json: Readonly<Record<string, unknown>>): unknown {
  const others = new Set(['trace', 'modified', 'startTime', 'metrics', 'tokens']);
  return JSON.parse(JSON.stringify(json, (key, value) => (others.has(key) ? undefined : value)));
}
