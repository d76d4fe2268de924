import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { childPids } from './childPids.ts';
import { freePort } from './freePort.ts';
import { installExtension } from './installExtension.ts';
import { ProcessGroup } from './processGroup.ts';
import { logFile, projectPaths, shown } from './projectPaths.ts';
import { serverFolders } from './serverFolders.ts';
import { SetupError } from './setupError.ts';
import { ensureVsCode } from './vscodeInstall.ts';
import { writeProfile } from './writeProfile.ts';

const START_LIMIT_MS = 60_000;

export interface VsCodeServerOptions {
  /** A pinned VS Code version; absent means PIPELINE_CHAT_VSCODE or the newest. */
  readonly version?: string;
  /** Keeps settings and window state here; absent means a fresh folder that goes with the server. */
  readonly profile?: string;
  /** The port to take when it is free. */
  readonly port?: number;
  /** Whether workspaces are trusted without asking; true unless given. */
  readonly isTrusted?: boolean;
  /** Added to what the extension host sees. */
  readonly env?: Readonly<Record<string, string>>;
  /** Added to the user settings of a fresh profile. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The folder of the extension to load; absent means this project. */
  readonly extension?: string;
  /** Folders of extensions to install beside it. */
  readonly otherExtensions?: readonly string[];
}

export interface WindowOptions {
  /** The compiled module whose `run()` is called in the extension host. */
  readonly tests?: string;
}

/** A running VS Code server; every browser page on it is a VS Code window with its own extension host. */
export class VsCodeServer {
  readonly #group: ProcessGroup;
  readonly #ownProfile: string | undefined;
  readonly #extension: string;
  readonly port: number;

  private constructor(group: ProcessGroup, port: number, extension: string, ownProfile: string | undefined) {
    this.#group = group;
    this.port = port;
    this.#extension = extension;
    this.#ownProfile = ownProfile;
  }

  static async start(options: VsCodeServerOptions = {}): Promise<VsCodeServer> {
    const { node, serverMain } = await ensureVsCode(options.version);
    const port = await freePort(options.port);
    const profile = options.profile ?? mkdtempSync(join(tmpdir(), 'pipeline-chat-'));
    writeProfile(profile, options.settings);
    for (const folder of options.otherExtensions ?? []) await installExtension(folder, profile, { node, serverMain });
    const log = logFile(`vscode-server-${port}`);
    rmSync(log, { force: true });
    const args = [
      serverMain,
      ...serverFlags(port, profile),
      ...(options.isTrusted === false ? [] : ['--disable-workspace-trust']),
    ];
    const group = new ProcessGroup(node, args, { cwd: profile, env: serverEnvironment(options.env), log });
    const server = new VsCodeServer(
      group,
      port,
      options.extension ?? projectPaths.root,
      options.profile === undefined ? profile : undefined,
    );
    await server.#listening(log);
    return server;
  }

  /** The address of a window on `folder` with the extension under development in it. */
  url(folder: string, { tests }: WindowOptions = {}): string {
    const payload = [
      ['extensionDevelopmentPath', this.#remote(this.#extension)],
      ...(tests === undefined ? [] : [['extensionTestsPath', this.#remote(tests)]]),
      ['skipWelcome', 'true'],
    ];
    const query = new URLSearchParams({
      folder: decodeURIComponent(pathToFileURL(folder).pathname),
      payload: JSON.stringify(payload),
    });
    return `http://127.0.0.1:${this.port}/?${query}`;
  }

  extensionHostPids(): number[] {
    return childPids(this.#group.pid, '--type=extensionHost');
  }

  /** Ends the server and every extension host; a fresh profile goes too. */
  async kill(): Promise<void> {
    await this.#group.stop();
    if (this.#ownProfile) rmSync(this.#ownProfile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #remote(path: string): string {
    return `vscode-remote://127.0.0.1:${this.port}${pathToFileURL(path).pathname}`;
  }

  async #listening(log: string): Promise<void> {
    let isOver = false;
    void this.#group.exited.then(() => {
      isOver = true;
    });
    for (const started = Date.now(); Date.now() - started < START_LIMIT_MS && !isOver; await sleep(50)) {
      if (readFileSync(log, 'utf8').includes(`listening on ${this.port}`)) return;
    }
    await this.kill();
    throw new SetupError(`VS Code did not start; see ${shown(log)}.`);
  }
}

function serverFlags(port: number, profile: string): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--without-connection-token', '--accept-server-license-terms'],
    ...['--telemetry-level', 'off', '--enable-smoke-test-driver'],
    ...serverFolders(profile),
  ];
}

/** Started from a terminal of VS Code, the server would take itself for a part of that window. */
function serverEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_CHANNEL_|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(own), ...added };
}
