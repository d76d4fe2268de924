import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectPaths } from '../support/projectPaths.ts';

const PROGRAM = process.platform === 'win32' ? 'rg.exe' : 'rg';
const PACKAGES = ['node_modules', '*/node_modules', '*/node_modules/code-server/lib/vscode/node_modules'];

/** The ripgrep that comes with VS Code or lies on the PATH; undefined when there is none. */
export function findRipgrep(): string | undefined {
  const platform = `${process.platform}-${process.arch}`;
  const patterns = PACKAGES.flatMap((folder) =>
    ['bin', `bin/${platform}`].map((bin) => join(folder, '@vscode/ripgrep*', bin, PROGRAM)),
  );
  const roots = [projectPaths.root, projectPaths.vscodeTest];
  const shipped = roots.flatMap((cwd) => globSync(patterns, { cwd }).map((path) => join(cwd, path)));
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...shipped, ...folders.flatMap((cwd) => globSync(PROGRAM, { cwd }).map((name) => join(cwd, name)))][0];
}
