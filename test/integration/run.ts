import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from '../support/chromium.ts';
import { startDemoModel } from '../support/demoModel.ts';
import { desktopVsCode } from '../support/desktopVsCode.ts';
import { onStopRequest } from '../support/onStopRequest.ts';
import { projectPaths } from '../support/projectPaths.ts';
import { fillSampleWorkspace, SAMPLE_MODEL_PORT, temporarySampleWorkspace } from '../support/sampleWorkspace.ts';
import { describeFailure } from '../support/setupError.ts';
import { exitWithCounts, parseTestCounts, type TestCounts } from '../support/testCounts.ts';
import { bundleSuite } from './runBundle.ts';
import { runInDesktop } from './runInDesktop.ts';
import { runInServer } from './runInServer.ts';

const LIMIT_MS = 10 * 60_000;
const FAILED: TestCounts = { passed: 0, failed: 1 };

const { values } = parseArgs({
  options: {
    grep: { type: 'string' },
    verbose: { type: 'boolean' },
    'forbid-only': { type: 'boolean' },
    /** Only makes ready what a debugger needs, which starts the suite itself. */
    prepare: { type: 'boolean' },
  },
});

onStopRequest(130, async () => {});
if (values.prepare) await prepare();
else exitWithCounts(await runIntegration());

async function prepare(): Promise<void> {
  await bundleSuite();
  const model = await startDemoModel({ port: SAMPLE_MODEL_PORT });
  fillSampleWorkspace(join(projectPaths.vscodeTest, 'test-workspace'), model.port);
  console.log(`The tests are ready to be debugged, with the demo model at ${model.url}.`);
}

/** Runs the tests that live inside VS Code's extension host. */
async function runIntegration(): Promise<TestCounts> {
  const { suite, fileCount } = await bundleSuite();
  if (fileCount === 0) {
    console.error('No tests: nothing matches test/integration/**/*.test.ts.');
    return { passed: 0, failed: 0 };
  }
  const model = await startDemoModel();
  const workspace = temporarySampleWorkspace(model.port);
  try {
    return await runSuite(suite, workspace, model.port);
  } catch (error) {
    console.error(describeFailure(error));
    return FAILED;
  } finally {
    await model.close();
    rmSync(workspace, { recursive: true, force: true });
  }
}

async function runSuite(suite: string, workspace: string, modelPort: number): Promise<TestCounts> {
  mkdirSync(projectPaths.out, { recursive: true });
  const result = join(projectPaths.out, 'integration-result.json');
  rmSync(result, { force: true });
  const env = {
    PIPELINE_CHAT_DEMO_PORT: String(modelPort),
    PIPELINE_CHAT_TEST_RESULT: result,
    PIPELINE_CHAT_TEST_FORBID_ONLY: String(values['forbid-only'] === true),
    ...(values.grep === undefined ? {} : { PIPELINE_CHAT_TEST_GREP: values.grep }),
  };
  const run = { suite, workspace, extension: projectPaths.root, env, limitMs: LIMIT_MS };
  const program = desktopVsCode();
  if (program) {
    await runInDesktop(program, run);
  } else {
    await ensureChromium();
    await runInServer(run);
  }
  return parseTestCounts(readResult(result)) ?? FAILED;
}

function readResult(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error('The suite ended before its tests did.', { cause: error });
  }
}
