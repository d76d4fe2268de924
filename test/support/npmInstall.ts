import { readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { ProcessGroup } from './processGroup.ts';
import { logFile, shown } from './projectPaths.ts';
import { SetupError } from './setupError.ts';

/** Runs `npm install` in `folder` with this Node first in the PATH; `what` is named in the sentence when it fails. */
export async function npmInstall(what: string, folder: string, args: readonly string[]): Promise<void> {
  const log = logFile(`npm-${what.replaceAll(/[^\w.]+/g, '-')}`);
  rmSync(log, { force: true });
  const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args];
  const npmScript = process.env.npm_execpath ?? '';
  const [command, ...rest] = npmScript.endsWith('npm-cli.js')
    ? [process.execPath, npmScript, ...flags]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', ...flags];
  const npm = new ProcessGroup(command, rest, { cwd: folder, env: npmEnvironment(), log });
  const code = await npm.exited;
  if (code === 0) return;
  if (npm.pid === -1) throw new SetupError('npm was not found: install Node.js with npm from https://nodejs.org.');
  throw new SetupError(
    `${what} could not be installed from the npm registry (${reason(log, code)}); check the network and run this again, or see ${shown(log)}.`,
  );
}

/** npm hands its scripts its own state; a nested npm would take this project's folder for its own. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const own =
    /^npm_(package|lifecycle|config_local_prefix|command|config_(omit|include|only|production|global|ignore_scripts))/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  return { ...env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
}

function reason(log: string, code: number): string {
  const line = /^npm (?:error|ERR!) (?!code|errno|syscall|path|A complete log)(.+)$/m.exec(readFileSync(log, 'utf8'));
  return line?.[1] ?? `npm ended with ${code}`;
}
