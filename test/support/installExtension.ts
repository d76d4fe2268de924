import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectPaths } from './projectPaths.ts';
import { serverFolders } from './serverFolders.ts';

/** Packages the extension in a folder and installs it into a profile, as a user would from a `.vsix`. */
export async function installExtension(
  folder: string,
  profile: string,
  { node, serverMain }: { readonly node: string; readonly serverMain: string },
): Promise<void> {
  const packagePath = join(profile, 'extension.vsix');
  const run = promisify(execFile);
  const vsce = join(projectPaths.root, 'node_modules/@vscode/vsce/vsce');
  const packing = ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '-o', packagePath];
  await run(process.execPath, [vsce, ...packing], { cwd: folder });
  const installing = ['--install-extension', packagePath, ...serverFolders(profile), '--accept-server-license-terms'];
  await run(node, [serverMain, ...installing], { cwd: profile });
}
