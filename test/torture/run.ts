import { parseArgs } from 'node:util';
import { onStopRequest } from '../support/onStopRequest.ts';
import { torture } from './torture.ts';

const DEFAULT_SECONDS = 25;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    server: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds ?? Number(values.minutes ?? DEFAULT_SECONDS / 60) * 60);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run torture -- [--server] [--seconds N | --minutes N] [--seed N]');
  process.exit(1);
}
onStopRequest(130, async () => {});
console.log(`torture: about ${seconds} s, seed ${seed}`);
const violations = await torture({ seconds, seed, isOnServer: values.server, print: (line) => console.log(line) });
console.log(violations.length === 0 ? 'torture: nothing lost' : `torture: ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
