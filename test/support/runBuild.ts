import { spawnSync } from 'node:child_process';
import { projectPaths } from './projectPaths.ts';
import { SetupError } from './setupError.ts';

/** Builds the extension into `dist/`; what the compiler says is shown. */
export function runBuild(): void {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: projectPaths.root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError('The extension could not be built; the messages above say where.');
}
