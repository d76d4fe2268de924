import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMocha } from '../support/runMocha.ts';
import { TEST_LINE } from './runTestLine.ts';

/** What VS Code calls in the extension host: runs every bundled test that lies beside this module. */
export async function run(): Promise<void> {
  const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const counts = await runMocha({
    files: tests
      .filter((name) => name.endsWith('.test.js'))
      .sort()
      .map((name) => join(import.meta.dirname, name)),
    timeoutMs: 30_000,
    print: (text) => {
      for (const line of text.split('\n')) console.log(`${TEST_LINE}${line}`);
    },
    isVerbose: true,
    grep: process.env.PIPELINE_CHAT_TEST_GREP,
    forbidOnly: process.env.PIPELINE_CHAT_TEST_FORBID_ONLY === 'true',
  });
  // The console of a window is shared with VS Code itself; the counts must arrive whole.
  if (process.env.PIPELINE_CHAT_TEST_RESULT) {
    writeFileSync(process.env.PIPELINE_CHAT_TEST_RESULT, JSON.stringify(counts));
  }
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed`);
}
