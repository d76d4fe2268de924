import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmInstall } from './npmInstall.ts';
import { projectPaths } from './projectPaths.ts';
import { SetupError } from './setupError.ts';
import { showProgress } from './showProgress.ts';

/** The npm package `code-server` holds the whole VS Code server with its web workbench. */
interface Release {
  readonly package: string;
  /** Major version of the Node that the release wants. */
  readonly node: 22 | 24;
}

const NEWEST = '1.139';
const RELEASES = new Map<string, Release>([
  [NEWEST, { package: '4.139.1', node: 24 }],
  ['1.103', { package: '4.103.2', node: 22 }],
]);

export interface VsCodeInstall {
  /** The VS Code version, such as `1.139`. */
  readonly version: string;
  readonly node: string;
  readonly serverMain: string;
}

/** Installs VS Code on first use. `version` is a key of the pinned releases; absent means the newest of them. */
export async function ensureVsCode(version = process.env.PIPELINE_CHAT_VSCODE || NEWEST): Promise<VsCodeInstall> {
  const release = RELEASES.get(version);
  if (!release) {
    throw new SetupError(`PIPELINE_CHAT_VSCODE is ${version}; set it to one of ${[...RELEASES.keys()].join(', ')}.`);
  }
  const folder = join(projectPaths.vscodeTest, `code-server-${release.package}`);
  if (!existsSync(folder)) await install(version, release, folder);
  return {
    version,
    node: release.node === 24 ? process.execPath : join(folder, 'node_modules', nodePackage(), nodeProgram()),
    serverMain: join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js'),
  };
}

/** Installs beside the final name and renames at the end, so that a stop in the middle leaves nothing half done. */
async function install(version: string, release: Release, folder: string): Promise<void> {
  mkdirSync(projectPaths.vscodeTest, { recursive: true });
  removeAbandoned();
  const unfinished = join(projectPaths.vscodeTest, `installing-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    await showProgress(`VS Code ${version}: installing (about 620 MB, only once)`, async () => {
      writeFileSync(join(unfinished, 'package.json'), '{ "private": true }\n');
      const packages = [`code-server@${release.package}`];
      if (release.node !== 24) packages.push(`${nodePackage()}@${release.node}`);
      await npmInstall(`VS Code ${version}`, unfinished, packages);
      const server = join(unfinished, 'node_modules/code-server/lib/vscode');
      await npmInstall(`VS Code ${version} server`, server, ['--omit=dev']);
      await npmInstall(`VS Code ${version} extensions`, join(server, 'extensions'), ['--omit=dev']);
      const ripgrep = join(server, 'node_modules/@vscode/ripgrep');
      if (existsSync(ripgrep)) await addRipgrep(`VS Code ${version} search`, ripgrep, unfinished);
    });
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Older releases fetch their search program from outside npm; a window without it finds no files. */
async function addRipgrep(what: string, ripgrep: string, folder: string): Promise<void> {
  await npmInstall(what, folder, ['@vscode/ripgrep-universal@1.18.0']);
  const programs = join(folder, 'node_modules/@vscode/ripgrep-universal/bin', `${process.platform}-${process.arch}`);
  cpSync(programs, join(ripgrep, 'bin'), { recursive: true });
}

function removeAbandoned(): void {
  for (const name of readdirSync(projectPaths.vscodeTest)) {
    const pid = /^installing-(\d+)$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(projectPaths.vscodeTest, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The names that the npm package `node` uses for its programs. */
function nodePackage(): string {
  if (process.platform === 'win32') return `node-win-${process.arch}`;
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${process.platform}-${process.arch}`;
}

function nodeProgram(): string {
  return process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
}
