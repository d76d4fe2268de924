import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from './chromium.ts';
import { onStopRequest } from './onStopRequest.ts';
import { projectPaths } from './projectPaths.ts';
import { runMocha } from './runMocha.ts';
import { describeFailure } from './setupError.ts';
import { exitWithCounts, type TestCounts } from './testCounts.ts';

/** The suites that run in plain Node: a folder of `test/` each. */
const SUITES = new Map([
  ['unit', { timeoutMs: 20_000, needsChromium: false, retries: 0 }],
  ['webview', { timeoutMs: 60_000, needsChromium: true, retries: 0 }],
  // Whole windows on a busy machine: a click may come while VS Code is still moving things.
  ['e2e', { timeoutMs: 180_000, needsChromium: true, retries: 1 }],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string' }, verbose: { type: 'boolean' }, 'forbid-only': { type: 'boolean' } },
});

onStopRequest(130, async () => {});
exitWithCounts(await runSuite(positionals[0] ?? 'unit'));

async function runSuite(name: string): Promise<TestCounts> {
  const suite = SUITES.get(name);
  const pattern = `test/${name}/**/*.test.ts`;
  const files = globSync(pattern, { cwd: projectPaths.root }).sort();
  if (!suite || files.length === 0) {
    console.error(`No tests: nothing matches ${pattern}.`);
    return { passed: 0, failed: 0 };
  }
  try {
    if (suite.needsChromium) await ensureChromium();
    return await runMocha({
      files: files.map((file) => resolve(projectPaths.root, file)),
      timeoutMs: suite.timeoutMs,
      retries: suite.retries,
      print: (line) => console.log(line),
      isVerbose: values.verbose === true,
      grep: values.grep,
      forbidOnly: values['forbid-only'] === true,
    });
  } catch (error) {
    console.error(describeFailure(error));
    return { passed: 0, failed: 1 };
  }
}
