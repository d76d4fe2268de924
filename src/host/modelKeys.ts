import * as vscode from 'vscode';

const PREFIX = 'key.';
const CONSENTS = 'keyConsents';

/** The values of `${ROCKETRIDE_…}` names: kept in VS Code's secret storage, else found in the environment. */
export class ModelKeys {
  readonly #secrets: vscode.SecretStorage;
  readonly #memory: vscode.Memento;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(
    context: Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#secrets = context.secrets;
    this.#memory = context.globalState;
    this.#environment = environment;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#secrets.get(PREFIX + name)) || this.#environment[name] || undefined;
  }

  /** Asks, the first time, whether a key may go to a host: a pipeline from a cloned repository could send it anywhere. */
  async allow(name: string, host: string): Promise<boolean> {
    const consents = this.#memory.get<readonly string[]>(CONSENTS, []);
    const consent = `${name} ${host}`;
    if (consents.includes(consent)) return true;
    const send = vscode.l10n.t('Send Key');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Send the key {0} to {1}?', name, host),
      {
        modal: true,
        detail: vscode.l10n.t(
          'The pipeline sends it with every question. Allow this only if you know that the host is the provider of this key.',
        ),
      },
      send,
    );
    if (answer !== send) return false;
    await this.#memory.update(CONSENTS, [...this.#memory.get<readonly string[]>(CONSENTS, []), consent]);
    return true;
  }

  /** Asks for a key and keeps it. False when the user turned away. */
  async ask(suggestedName = 'ROCKETRIDE_OPENAI_KEY'): Promise<boolean> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Set Model Key (1/2)'),
      prompt: vscode.l10n.t('The name that the pipeline uses, as in {0}', `\${${suggestedName}}`),
      value: suggestedName,
      ignoreFocusOut: true,
      validateInput: (value) =>
        /^ROCKETRIDE_[A-Za-z0-9_]+$/.test(value) && value !== 'ROCKETRIDE_APIKEY'
          ? undefined
          : vscode.l10n.t(
              "A name such as ROCKETRIDE_OPENAI_KEY. ROCKETRIDE_APIKEY is the server's own and never sent.",
            ),
    });
    if (!name) return false;
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t('Set Model Key (2/2)'),
      prompt: vscode.l10n.t('The value of {0}. It is kept in the secret storage of VS Code, never in a file.', name),
      password: true,
      ignoreFocusOut: true,
    });
    if (!value) return false;
    await this.#secrets.store(PREFIX + name, value.trim());
    return true;
  }
}
