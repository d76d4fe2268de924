import { parseArgs } from 'node:util';
import { embeddedResponder } from './embeddedResponder.ts';
import { RocketRideServer } from './rocketRideServer.ts';

/** The server as a process of its own: prints `{"url","key","folder"}` and runs until it is stopped. With `--embedded` pipelines really run. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    folder: { type: 'string' },
    key: { type: 'string' },
    embedded: { type: 'boolean', default: false },
    latency: { type: 'string', default: '0' },
  },
});
const { folder, key } = values;
const answer = values.embedded ? embeddedResponder(process.env) : undefined;
const server = await RocketRideServer.start({ port: Number(values.port), folder, key, answer });
server.traps.latencyMs = Number(values.latency);
console.log(JSON.stringify({ url: server.url, key: server.key, folder: server.folder }));

const stop = () => void server.stop().then(() => process.exit());
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// A child that was forked ends with its parent.
process.once('disconnect', stop);
