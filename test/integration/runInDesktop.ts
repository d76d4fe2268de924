import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { runTests } from '@vscode/test-electron';
import type { HostRun } from './runInHost.ts';
import { testLines } from './runTestLine.ts';

if (import.meta.main) await runHere();

/** Runs the suite in an installed desktop VS Code; resolves when the suite has ended. */
export async function runInDesktop(program: string, run: HostRun): Promise<void> {
  // A process of its own: test-electron writes all that VS Code says to its process's output.
  const child = spawn(process.execPath, [import.meta.filename, program, JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: run.limitMs,
  });
  for await (const text of createInterface(child.stdout)) for (const line of testLines(text)) console.log(line);
}

async function runHere(): Promise<void> {
  const [, , program, text = ''] = process.argv;
  const { suite, workspace, extension, env }: HostRun = JSON.parse(text);
  await runTests({
    vscodeExecutablePath: program,
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    extensionTestsEnv: env,
    launchArgs: [workspace, '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-gpu'],
  });
}
