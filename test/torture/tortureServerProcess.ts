import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RocketRideServer } from '../support/rocketRideServer/rocketRideServer.ts';
import { Random } from './random.ts';

// A RocketRide server as a process of its own that drops sockets at random frames, until it is told to be `calm`.

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    folder: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** On the average so many frames go through between two drops. */
    frames: { type: 'string', default: '200' },
    /** `disk` or `object`. */
    storage: { type: 'string', default: 'disk' },
    /** A client that is suspended for four times as long is dropped, in milliseconds. */
    ping: { type: 'string', default: '300' },
  },
});
const random = new Random(Number(values.seed));
const server = await RocketRideServer.start({
  port: Number(values.port),
  folder: values.folder,
  pingMs: Number(values.ping),
});
const { traps } = server;
traps.storage = values.storage === 'object' ? 'object' : 'disk';
let isCalm = false;
let isArmed = false;
server.onRequest = () => {
  if (traps.drop) return;
  if (isArmed) writeSync(1, 'dropped\n');
  isArmed = !isCalm;
  if (isCalm) return;
  const from = random.next() < 0.5 ? 'client' : 'server';
  const when = random.next() < 0.5 ? 'before' : 'after';
  traps.drop = { from, when, nth: random.between(1, 2 * Number(values.frames)) };
};
process.stdin.on('data', () => {
  isCalm = true;
  traps.drop = undefined;
  isArmed = false;
});
process.stdin.once('end', () => process.exit());
writeSync(1, `${JSON.stringify({ url: server.url, key: server.key })}\n`);
