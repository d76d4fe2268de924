import { onStopRequest } from './onStopRequest.ts';
import { addTestCounts, type TestCounts } from './testCounts.ts';
import { runTestStage, type TestStage } from './testStage.ts';

const tsc = 'node_modules/typescript/bin/tsc';
const mocha = 'test/support/mochaRun.ts';

const STAGES: readonly TestStage[] = [
  { name: 'typecheck', programs: ['.', 'webview', 'test'].map((project) => [tsc, '-p', project]), hasTests: false },
  {
    name: 'lint',
    programs: [['node_modules/@biomejs/biome/bin/biome', 'ci', '.', ...(process.stdout.isTTY ? [] : ['--colors=off'])]],
    hasTests: false,
  },
  { name: 'unit', programs: [[mocha, 'unit']], hasTests: true },
  { name: 'build', programs: [['esbuild.mjs']], hasTests: false },
  { name: 'webview', programs: [[mocha, 'webview']], hasTests: true, needs: ['build'] },
  { name: 'integration', programs: [['test/integration/run.ts'], [mocha, 'e2e']], hasTests: true, needs: ['build'] },
];

const words = process.argv.slice(2);
const options = words.findIndex((word) => word.startsWith('-'));
const names = options === -1 ? words : words.slice(0, options);
const extra = options === -1 ? [] : words.slice(options);
const unknown = names.find((name) => !STAGES.some((stage) => stage.name === name));

if (unknown) {
  console.error(`There is no stage "${unknown}"; the stages are ${STAGES.map((stage) => stage.name).join(', ')}.`);
  process.exit(1);
}
onStopRequest(130, async () => {});

const results: TestCounts[] = [];
for (const stage of chosenStages()) {
  const started = Date.now();
  console.log(`\n== ${stage.name}`);
  const counts = await runTestStage(stage, stage.hasTests ? testArguments() : []);
  results.push(counts);
  console.log(`== ${stage.name}: ${outcome(stage, counts)}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

const { passed, failed } = addTestCounts(results);
console.log(`\ntests: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** The stages named, with what they need, in the one order; all of them when none is named. */
function chosenStages(): readonly TestStage[] {
  if (names.length === 0) return STAGES;
  const wanted = new Set(
    names.flatMap((name) => [name, ...(STAGES.find((stage) => stage.name === name)?.needs ?? [])]),
  );
  return STAGES.filter((stage) => wanted.has(stage.name));
}

/** One stage alone is watched by its reader; in a whole run only what fails is worth a line. */
function testArguments(): readonly string[] {
  return names.length === 0 ? ['--forbid-only', ...extra] : ['--verbose', ...extra];
}

function outcome(stage: TestStage, { passed, failed }: TestCounts): string {
  if (!stage.hasTests) return failed > 0 ? 'failed' : 'ok';
  return `${passed} passed, ${failed} failed`;
}
