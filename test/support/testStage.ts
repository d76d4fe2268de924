import { spawn } from 'node:child_process';
import { projectPaths } from './projectPaths.ts';
import { parseTestCounts, type TestCounts } from './testCounts.ts';

export interface TestStage {
  readonly name: string;
  /** Programs for Node, each a script with its arguments, run in turn. */
  readonly programs: readonly (readonly string[])[];
  /** A stage of tests sends its counts and must run one at least; any other only ends well or not. */
  readonly hasTests: boolean;
  /** The stages that have to run before this one. */
  readonly needs?: readonly string[];
}

/** A stage that hangs is ended after this time, so that a whole run always ends. */
const LIMIT_MS = 20 * 60_000;

/** Runs a stage to its end. What is no test counts only when it fails, as one. */
export async function runTestStage(stage: TestStage, args: readonly string[]): Promise<TestCounts> {
  const results = [];
  for (const program of stage.programs) results.push(await runProgram(stage, [...program, ...args]));
  const passed = results.reduce((sum, one) => sum + one.passed, 0);
  const failed = results.reduce((sum, one) => sum + one.failed, 0);
  if (!stage.hasTests || passed + failed > 0) return { passed, failed };
  console.log(`${stage.name}: not one test ran`);
  return { passed: 0, failed: 1 };
}

function runProgram(stage: TestStage, command: readonly string[]): Promise<TestCounts> {
  return new Promise((done) => {
    let counts: TestCounts | undefined;
    const flags = ['--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, ...command], {
      cwd: projectPaths.root,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const limit = setTimeout(() => {
      console.log(`${stage.name}: ended after ${LIMIT_MS / 60_000} minutes`);
      child.kill();
    }, LIMIT_MS);
    child.on('message', (message) => {
      counts = parseTestCounts(message);
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      const isWell = code === 0;
      if (!stage.hasTests) done({ passed: 0, failed: isWell ? 0 : 1 });
      else if (counts && (isWell || counts.failed > 0)) done(counts);
      else done({ passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1 });
    });
  });
}
