import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import type { FileStore, Lease } from '../../../src/files/fileStore.ts';
import { ChatError } from '../../../src/protocol/chatError.ts';
import type { Drop } from '../../support/rocketRideServer/traps.ts';
import { ServerWorld } from '../../support/serverWorld.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array) => Buffer.from(data).toString();

interface Deed {
  readonly name: string;
  readonly before: Record<string, string>;
  readonly work: (files: FileStore) => Promise<unknown>;
  /** What a reader may find afterwards: the state before, or the one after. */
  readonly after: Record<string, string | undefined>;
}

const OLD = 'one line, and another\nand a third\n';
const held = (work: (files: FileStore, lease: Lease) => Promise<unknown>) => (files: FileStore) =>
  files.exclusive('.locks/lock', (lease) => work(files, lease));

const deeds: readonly Deed[] = [
  {
    name: 'append',
    before: { file: OLD },
    work: held((files, lease) => files.append('file', bytes('new\n'), lease)),
    after: { file: `${OLD}new\n` },
  },
  {
    name: 'write of something longer',
    before: { file: OLD },
    work: held((files, lease) => files.write('file', bytes(`other ${OLD}`), lease)),
    after: { file: `other ${OLD}` },
  },
  {
    name: 'write of something shorter',
    before: { file: OLD },
    work: held((files, lease) => files.write('file', bytes('short\n'), lease)),
    after: { file: 'short\n' },
  },
  {
    name: 'create',
    before: {},
    work: (files) => files.create('folder/file', bytes(OLD)),
    after: { 'folder/file': OLD },
  },
  {
    name: 'jot',
    before: { file: OLD },
    work: async (files) => files.jot?.('file', bytes('{"id":"1"}\n')),
    after: { file: `${OLD}{"id":"1"}\n` },
  },
  { name: 'remove', before: { file: OLD }, work: (files) => files.remove('file'), after: { file: undefined } },
];

const drops: readonly Omit<Drop, 'nth'>[] = [
  { from: 'client', when: 'before' },
  { from: 'client', when: 'after' },
  { from: 'server', when: 'before' },
  { from: 'server', when: 'after' },
];

suite('RemoteFileStore', function () {
  this.timeout(60_000);
  let world: ServerWorld;

  setup(async () => {
    world = await ServerWorld.start();
  });
  teardown(() => world.close());

  for (const deed of deeds) {
    test(`${deed.name}: whatever frame the socket drops at, a reader finds the old bytes or the new`, async () => {
      let cutCount = 0;
      for (const drop of drops) {
        for (let nth = 1, wasCut = true; wasCut; nth += 1) {
          const [writer, reader] = [world.files(), world.files()];
          await writer.remove('folder/file');
          await writer.remove('file');
          for (const [path, content] of Object.entries(deed.before)) await writer.write(path, bytes(content));
          await writer.stat('file');
          const id = newest(world);
          world.server.traps.drop = { ...drop, nth, matches: ({ connection }) => connection === id };
          const result = await deed.work(writer).then(
            () => 'done',
            (error: unknown) => ChatError.from(error).code,
          );
          wasCut = world.server.traps.drop === undefined;
          world.server.traps.drop = undefined;
          cutCount += wasCut ? 1 : 0;
          assert.ok(result === 'done' || result === 'server-offline', `${result} at ${drop.when} ${drop.from} ${nth}`);
          await assertOldOrNew(reader, deed, result === 'done');
          await deed.work(writer).catch((error: unknown) => assert.equal(ChatError.from(error).code, 'not-found'));
          await assertUsable(reader, deed);
          await Promise.all([writer.dispose(), reader.dispose()]);
        }
      }
      assert.ok(cutCount >= 8, `the socket was dropped ${cutCount} times`);
    });
  }
});

/** The connection that was made last: the writer's, whose requests are dropped. */
function newest({ server }: ServerWorld): number {
  return Math.max(...server.connections.map(({ id }) => id));
}

async function assertOldOrNew(files: FileStore, { name, before, after }: Deed, isDone: boolean): Promise<void> {
  for (const [path, content] of Object.entries(after)) {
    const found = await files.read(path).then(text, () => undefined);
    const allowed = isDone ? [content] : [before[path], content];
    assert.ok(allowed.includes(found), `${name}: ${JSON.stringify(found)}`);
  }
}

async function assertUsable(files: FileStore, { after }: Deed): Promise<void> {
  for (const path of Object.keys(after)) {
    await files.write(path, bytes('still\n'));
    assert.equal(await files.append(path, bytes('here\n')), 11);
    assert.equal(text(await files.read(path)), 'still\nhere\n');
  }
}
