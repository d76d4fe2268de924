import { appendFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FileStore } from '../../src/files/fileStore.ts';
import { LocalFileStore } from '../../src/files/localFileStore.ts';
import { RemoteFileStore } from '../../src/files/remoteFileStore.ts';
import { Connection } from '../../src/rocketride/connection.ts';
import { TestWindow } from '../support/chatFixture.ts';
import { HookedFileStore } from '../support/hookedFileStore.ts';
import { Random } from './random.ts';
import type { TortureEventKind } from './tortureEvent.ts';
import { WorkerDeeds } from './workerDeeds.ts';
import { type Deed, type WorkerJob, workerJob } from './workerJob.ts';

// A process of its own that works on chats as its job says, and tells on its output what it began and what is safe.

let mustEnd = false;
const input = createInterface({ input: process.stdin });
// The parts that a store loads when they are first needed: what is measured is the work, not the start.
await import('node:sqlite');
tell({ event: 'ready' });
input.once('line', (line) => {
  void run(workerJob.parse(JSON.parse(line))).then(() => process.exit(0));
});
input.once('close', () => {
  mustEnd = true;
});

async function run(job: WorkerJob): Promise<void> {
  const random = new Random(job.seed);
  const { files, close } = job.server
    ? filesOnServer(job.server)
    : { files: filesOnDisk(job, random), close: undefined };
  const window = new TestWindow(files);
  window.store.onDidChange(() => {
    if (window.store.isWaiting) tell({ event: 'waited' });
  });
  const deeds = new WorkerDeeds({ window, random, name: String(job.seed), tell });
  if (job.isListing) {
    await list(window);
    await window.store.check();
    await list(window);
  } else {
    const bag = Object.entries(job.mix).flatMap(([deed, count]) => Array.from({ length: count ?? 0 }, () => deed));
    for (let round = 0; !mustEnd && round < (job.rounds ?? Number.POSITIVE_INFINITY); round += 1) {
      const deed = random.pick(bag);
      const shared = random.pick(job.chats);
      if (isDeed(deed)) await deeds.perform(deed, shared);
    }
  }
  window.close();
  await close?.();
  for (const message of window.logged) tell({ event: 'logged', message });
}

function filesOnDisk(job: WorkerJob, random: Random): FileStore {
  return new HookedFileStore(new LocalFileStore(job.root), async (operation, work) => {
    const { kind, path } = operation;
    // After it looked and before it acts: where a process that stands still for a while could do harm.
    const isChange = 'data' in operation || kind === 'remove' || kind === 'move';
    if (isChange && random.next() < (job.suspends ?? 0)) suspend(path);
    if (operation.kind === 'append' && random.next() < (job.tears ?? 0)) {
      appendFileSync(join(job.root, path), operation.data.subarray(0, random.between(1, operation.data.length - 2)));
      process.kill(process.pid, 'SIGKILL');
    }
    const result = await work();
    if (operation.kind === 'write' && path === 'catalog.json') tellVersion(operation.data);
    return result;
  });
}

function filesOnServer({ url, key }: NonNullable<WorkerJob['server']>): { files: FileStore; close(): Promise<void> } {
  const log = (message: string) => tell({ event: 'logged', message });
  const times = { firstRetryMs: 5, longestRetryMs: 200 };
  const link = new Connection({ url, credential: async () => key, log, times });
  const files = new (class extends RemoteFileStore {
    override async write(...[path, data, lease]: Parameters<RemoteFileStore['write']>): Promise<void> {
      await super.write(path, data, lease);
      if (path === 'catalog.json' && data instanceof Uint8Array) tellVersion(data);
    }
  })({ link, location: url, pollMs: 100, rootFiles: ['catalog.json'] });
  const close = async () => {
    await files.dispose();
    await link.dispose();
  };
  return { files, close };
}

function tellVersion(catalog: Uint8Array): void {
  tell({ event: 'wrote', version: JSON.parse(Buffer.from(catalog).toString()).version });
}

async function list(window: TestWindow): Promise<void> {
  const chats = (await window.store.list()).map(({ guid, title }) => ({ guid, title }));
  tell({ event: 'listed', chats });
}

function suspend(path: string): void {
  tell({ event: 'suspending', path });
  process.kill(process.pid, 'SIGSTOP');
  tell({ event: 'continued', path });
}

function isDeed(name: string | undefined): name is Deed {
  return name !== undefined && name in workerJob.shape.mix.shape;
}

/** By one call that returns when the line is in the pipe, so that a kill later on can't take it back. */
function tell(event: TortureEventKind): void {
  const line = Buffer.from(`${JSON.stringify({ at: Number(process.hrtime.bigint()) / 1e6, ...event })}\n`);
  for (let sent = 0; sent < line.length; ) sent += writeSync(1, line, sent);
}
