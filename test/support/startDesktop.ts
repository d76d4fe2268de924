import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessGroup } from './processGroup.ts';
import { logFile, projectPaths } from './projectPaths.ts';
import { writeProfile } from './writeProfile.ts';

/** Opens an Extension Development Host of an installed VS Code, with settings of its own. */
export function startDesktop(program: string, workspace: string): ProcessGroup {
  const profile = join(projectPaths.vscodeTest, 'profile-desktop');
  writeProfile(profile);
  const log = logFile('vscode-desktop');
  rmSync(log, { force: true });
  const args = [
    `--extensionDevelopmentPath=${projectPaths.root}`,
    `--user-data-dir=${join(profile, 'user')}`,
    `--extensions-dir=${join(profile, 'extensions')}`,
    ...['--new-window', '--wait', '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes'],
    // Chromium's sandbox refuses to run for root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    workspace,
  ];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)));
  return new ProcessGroup(program, args, { cwd: workspace, env, log });
}
