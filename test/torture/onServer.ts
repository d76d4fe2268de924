import { setTimeout as delay } from 'node:timers/promises';
import { ChatError } from '../../src/protocol/chatError.ts';
import { serverVerdict } from './serverVerdict.ts';
import { ServerWindow } from './serverWindow.ts';
import type { TortureEvent } from './tortureEvent.ts';
import { countedWords, type PartResult, type TortureGround } from './tortureGround.ts';
import { TortureServer } from './tortureServer.ts';
import type { WorkerProcess } from './workerProcess.ts';

const PROCESSES = 4;
const SHARED = 3;
const MIX = { send: 10, rename: 3, create: 2, renameOwn: 1, deleteOwn: 1, restoreOwn: 1, look: 3, check: 1 };
// Windows can't suspend a process.
const CAN_SUSPEND = process.platform !== 'win32';
/** A window says so when it has no connection for too long; nothing else is to be heard of. */
const EXCUSED = ['server-offline'];

/**
 * Windows on one account of a server, which drops their sockets and crashes, are killed and suspended, for moments or
 * until the server drops them, while others want the same.
 */
export async function onServer(
  ground: TortureGround,
  seconds: number,
  storage: 'disk' | 'object',
): Promise<PartResult> {
  const { random } = ground;
  const server = await TortureServer.start({ folder: ground.folder, seed: random.between(1, 1e9), storage });
  try {
    const job = { server: server.address, mix: MIX };
    const chats = await ground.makeChats(SHARED, { server: server.address });
    const watch = new CatalogWatchOnServer(server);
    const working = await ground.warmUpAll(PROCESSES);
    for (const worker of working) worker.give(ground.job({ ...job, chats }));
    const counts = { kills: 0, suspended: 0, dropped: 0 };
    const act = async (worker: WorkerProcess) => {
      const dice = random.next();
      if (dice < 0.5 && CAN_SUSPEND) {
        worker.suspend();
        // The longer ones are dropped by the server meanwhile.
        const isLong = dice < 0.1;
        counts[isLong ? 'dropped' : 'suspended'] += 1;
        await delay(isLong ? random.between(1300, 2500) : random.between(1, 200));
        worker.continue();
      } else if (dice < 0.9) {
        if (random.next() < 0.3 && CAN_SUSPEND) worker.suspend();
        await delay(random.between(1, 30));
        const [next] = await ground.warmUpAll(1);
        await worker.kill();
        counts.kills += 1;
        working.splice(working.indexOf(worker), 1);
        if (!next) return;
        next.give(ground.job({ ...job, chats }));
        working.push(next);
      } else {
        await server.crash();
      }
    };
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      const worker = random.pick(working);
      if (worker) await act(worker);
      await delay(random.between(5, 150));
    }
    server.calm();
    await Promise.all(working.map((worker) => worker.end()));
    await watch.end();
    const { events } = ground;
    const failed = working.filter(({ hasFailed }) => hasFailed).map(() => 'a worker ended with an error');
    const verdict = await serverVerdict(server, ground.root, events, {
      excused: EXCUSED,
      isMarking: storage === 'object',
    });
    const refused = events.filter(({ event }) => event === 'refused').length;
    const waited = events.filter((event) => event.event === 'waited').length;
    return {
      counted:
        `${counts.kills} windows killed, ${counts.suspended} suspended and ${counts.dropped} until they were dropped, ` +
        `${server.drops} sockets dropped at a frame, ${server.crashes} crashes of the server: ${countedWords(verdict)}, ` +
        `${waited} waits for another window, ${refused} refusals; list read ${watch.reads} times`,
      violations: [...failed, ...watch.violations(events), ...verdict.violations],
    };
  } finally {
    await server.kill();
  }
}

/**
 * Reads the list again and again as another window does: whole at any time, and `version` never goes behind one that was
 * said to be written. One that was not may be seen and come to nothing, when its writer was cut off before it was there.
 */
class CatalogWatchOnServer {
  readonly #torn: string[] = [];
  readonly #steps: { readonly from: number; readonly to: number; readonly at: number }[] = [];
  reads = 0;
  readonly #reader: ServerWindow;
  readonly #reading: Promise<void>;
  #mustEnd = false;

  constructor(server: TortureServer) {
    this.#reader = new ServerWindow(server.address);
    this.#reading = this.#read();
  }

  violations(events: readonly TortureEvent[]): string[] {
    const wasSaid = ({ to, at }: { to: number; at: number }) =>
      events.some((event) => event.event === 'wrote' && event.version > to && event.at < at);
    return [
      ...this.#torn,
      ...this.#steps.filter(wasSaid).map(({ from, to }) => `catalog: version ${to} after ${from}`),
    ];
  }

  async end(): Promise<void> {
    this.#mustEnd = true;
    await this.#reading;
    await this.#reader.close();
  }

  async #read(): Promise<void> {
    for (let last = 0; !this.#mustEnd; ) {
      try {
        const at = Number(process.hrtime.bigint()) / 1e6;
        const { version } = JSON.parse(Buffer.from(await this.#reader.files.read('catalog.json')).toString());
        if (version < last) this.#steps.push({ from: last, to: version, at });
        last = version;
        this.reads += 1;
      } catch (error) {
        if (ChatError.from(error).code !== 'server-offline') this.#torn.push(`catalog: ${error}`);
      }
      await delay(20);
    }
  }
}
