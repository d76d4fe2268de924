import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import type { ParseAddress, ServerAddress } from './server.ts';
import { serverHost } from './serverNames.ts';

const PREFIX = 'server.';
const ENVIRONMENT_NAME = 'ROCKETRIDE_APIKEY';

export interface ServerKeysOptions {
  readonly secrets: vscode.SecretStorage;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks, the first time, whether the key of the environment may go to a host. */
  readonly allow: (name: string, host: string) => Promise<boolean>;
  readonly parseAddress: ParseAddress;
}

/** The keys to RocketRide servers: kept in VS Code's secret storage, one for each, else found in the environment. */
export class ServerKeys implements Disposable {
  readonly #options: ServerKeysOptions;
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<string>());
  /** The key to the server with this base was set or forgotten, here or in another window. */
  readonly onDidChange = this.#onDidChange.event;

  constructor(options: ServerKeysOptions) {
    this.#options = options;
    this.#disposables.add(
      options.secrets.onDidChange(({ key }) => {
        if (key.startsWith(PREFIX)) this.#onDidChange.fire(key.slice(PREFIX.length));
      }),
    );
  }

  async get(address: ServerAddress): Promise<string | undefined> {
    const stored = await this.#options.secrets.get(PREFIX + address.base);
    if (stored) return stored;
    const { environment, allow } = this.#options;
    const found = environment[ENVIRONMENT_NAME];
    if (!found) return undefined;
    const isMeant = address.isLoopback || this.#isOfEnvironment(address);
    return isMeant || (await allow(ENVIRONMENT_NAME, serverHost(address.base))) ? found : undefined;
  }

  async isStored({ base }: ServerAddress): Promise<boolean> {
    return (await this.#options.secrets.get(PREFIX + base)) !== undefined;
  }

  /** Asks for the key to a server. undefined when the user turned away. @param proposed what such servers take */
  async ask({ base }: ServerAddress, proposed = ''): Promise<string | undefined> {
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t('Key of {0}', serverHost(base)),
      prompt:
        proposed === ''
          ? vscode.l10n.t('An API key or token. It is kept in the secret storage of VS Code, never in a file.')
          : vscode.l10n.t('Such a server takes {0} unless it was given a key of its own. Enter takes that.', proposed),
      value: proposed,
      password: proposed === '',
      ignoreFocusOut: true,
    });
    return value?.trim();
  }

  async store({ base }: ServerAddress, key: string): Promise<void> {
    await this.#options.secrets.store(PREFIX + base, key);
  }

  async forget({ base }: ServerAddress): Promise<void> {
    await this.#options.secrets.delete(PREFIX + base);
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  /** Whether the environment names this server along with its key. */
  #isOfEnvironment({ base }: ServerAddress): boolean {
    const { environment, parseAddress } = this.#options;
    try {
      return parseAddress(environment.ROCKETRIDE_URI ?? '').base === base;
    } catch {
      // It names none.
      return false;
    }
  }
}
