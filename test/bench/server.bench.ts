import type { Bench } from './run.ts';
import { savedTurn } from './server/savedTurn.ts';

/** What saving on a RocketRide server costs a user's connection. */
const bench: Bench = { group: 'server', run: savedTurn };
export default bench;
