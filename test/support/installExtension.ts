import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { serverFolders } from './serverFolders.ts';

/** Packages the extension in a folder and installs it into a profile, as a user would from a `.vsix`. */
export async function installExtension(
  folder: string,
  profile: string,
  { node, serverMain }: { readonly node: string; readonly serverMain: string },
): Promise<void> {
  const packagePath = join(profile, 'extension.vsix');
  await createVSIX({ cwd: folder, packagePath, dependencies: false, allowMissingRepository: true, skipLicense: true });
  const args = [serverMain, '--install-extension', packagePath, ...serverFolders(profile)];
  await promisify(execFile)(node, [...args, '--accept-server-license-terms'], { cwd: profile });
}
