import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ProcessGroup } from './processGroup.ts';
import { logFile } from './projectPaths.ts';
import { SetupError } from './setupError.ts';
import { showProgress } from './showProgress.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const MISSING = 'Chrome or Chromium was not found: install one of them, or set CHROME_PATH to its program.';

/** The Chrome or Chromium of this machine; throws a SetupError when there is none. */
export function chromiumPath(): string {
  const named = process.env.CHROME_PATH;
  if (named && !isProgram(named)) throw new SetupError(`CHROME_PATH is ${named}, which is not a program.`);
  const found = named || usualPlaces().find(isProgram);
  if (!found) throw new SetupError(MISSING);
  return found;
}

/** Like `chromiumPath`, but installs Debian's package where that is possible. */
export async function ensureChromium(): Promise<string> {
  if (process.env.CHROME_PATH || usualPlaces().some(isProgram)) return chromiumPath();
  const isDebian = existsSync('/etc/debian_version') && spawnSync('apt-get', ['--version']).status === 0;
  if (!isDebian) throw new SetupError(MISSING);
  if (process.getuid?.() !== 0) throw new SetupError('Chromium was not found: run "sudo apt-get install chromium".');
  await showProgress('Chromium: installing the Debian package', installDebianPackage);
  return chromiumPath();
}

export function launchChromium(executablePath = chromiumPath()): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    // Signals belong to the script, which closes the browser in its own order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

async function installDebianPackage(): Promise<void> {
  const log = logFile('apt-get');
  rmSync(log, { force: true });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const code = await new ProcessGroup('apt-get', [...wait, ...args], { env, log }).exited;
    if (code !== 0) throw new SetupError(`apt-get ${args[0]} failed (see .vscode-test/logs/apt-get.log): ${MISSING}`);
  }
}

function usualPlaces(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const programs = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform !== 'win32') return programs;
  const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
  return roots
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      join(folder, 'Google/Chrome/Application/chrome.exe'),
      join(folder, 'Chromium/Application/chrome.exe'),
      join(folder, 'Microsoft/Edge/Application/msedge.exe'),
    ]);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
