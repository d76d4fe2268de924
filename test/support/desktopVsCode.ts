import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The program of an installed desktop VS Code that can show a window here; absent when there is none. */
export function desktopVsCode(): string | undefined {
  if (process.env.VSCODE_DESKTOP) return process.env.VSCODE_DESKTOP;
  // In a terminal of a remote window, `code` only talks to the desktop far away.
  if (process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return undefined;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  const command = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  return command && programBeside(dirname(realpathSync(command)));
}

/** The command is a script that starts the program and returns at once; only the program can be waited for. */
function programBeside(bin: string): string | undefined {
  const places = { darwin: '../../../MacOS/Electron', win32: '../Code.exe', linux: '../code' };
  const place = Object.entries(places).find(([platform]) => platform === process.platform)?.[1];
  const program = place && join(bin, place);
  return program && existsSync(program) ? program : undefined;
}
