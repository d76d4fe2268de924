import type { Bench } from './run.ts';
import { builtCore } from './store/builtCore.ts';
import { longChats } from './store/longChats.ts';
import { manyChats } from './store/manyChats.ts';
import { oddChats } from './store/oddChats.ts';
import { rewriteBaseline } from './store/rewriteBaseline.ts';

/** What saved chats cost the user's disk and time, however long or many they are. */
const bench: Bench = {
  group: 'store',
  async run(report) {
    const core = await builtCore();
    await longChats(core, report);
    await oddChats(core, report);
    await manyChats(core, report);
    await rewriteBaseline(report);
  },
};
export default bench;
