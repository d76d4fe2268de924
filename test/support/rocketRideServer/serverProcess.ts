import { parseArgs } from 'node:util';
import { RocketRideServer } from './rocketRideServer.ts';

/** The server as a process of its own: prints `{"url","key","folder"}` and runs until it is stopped. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    folder: { type: 'string' },
    key: { type: 'string' },
    latency: { type: 'string', default: '0' },
  },
});
const server = await RocketRideServer.start({ port: Number(values.port), folder: values.folder, key: values.key });
server.traps.latencyMs = Number(values.latency);
console.log(JSON.stringify({ url: server.url, key: server.key, folder: server.folder }));

const stop = () => void server.stop().then(() => process.exit());
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// A child that was forked ends with its parent.
process.once('disconnect', stop);
