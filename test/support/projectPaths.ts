import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Folders of this project, absolute. */
export const projectPaths = {
  root,
  samples: join(root, 'media/samples'),
  out: join(root, 'out'),
  /** Git-ignored; also where @vscode/test-electron keeps what it downloads. */
  vscodeTest: join(root, '.vscode-test'),
  logs: join(root, '.vscode-test/logs'),
} as const;

/** A fresh place for the output of a noisy program. */
export function logFile(name: string): string {
  mkdirSync(projectPaths.logs, { recursive: true });
  return join(projectPaths.logs, `${name}.log`);
}

/** How a path is shown to a reader: from the project's own folder. */
export function shown(path: string): string {
  return relative(root, path) || '.';
}
