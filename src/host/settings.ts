import * as vscode from 'vscode';
import * as z from 'zod/mini';

const SECTION = 'pipelineChat';

/** Every setting with its range and its default; the manifest declares the same. */
const fields = {
  persistSessions: { schema: z.boolean(), fallback: false, range: 'true or false' },
  historyMessages: {
    schema: z.int().check(z.minimum(0), z.maximum(100)),
    fallback: 6,
    range: 'a whole number from 0 to 100',
  },
  deleteArmedSeconds: {
    schema: z.number().check(z.minimum(2), z.maximum(120)),
    fallback: 8,
    range: 'a number from 2 to 120',
  },
  trashDays: {
    schema: z.int().check(z.minimum(0), z.maximum(3650)),
    fallback: 30,
    range: 'a whole number from 0 to 3650',
  },
  retentionDays: {
    schema: z.int().check(z.minimum(0), z.maximum(3650)),
    fallback: 0,
    range: 'a whole number from 0 to 3650',
  },
  engine: {
    schema: z.enum(['embedded', 'server']),
    fallback: 'embedded',
    range: '"embedded" or "server"',
  },
  storage: {
    schema: z.enum(['auto', 'workspace', 'user', 'server']),
    fallback: 'auto',
    range: '"auto", "workspace", "user" or "server"',
  },
  'server.url': {
    schema: z.string(),
    fallback: '',
    range: 'a text',
  },
} as const;

export type SettingName = keyof typeof fields;

/** Where chats are kept: beside the pipelines, in the user's own storage, or on the server. */
export type PlaceKind = 'workspace' | 'user' | 'server';

export interface Settings {
  readonly persistSessions: boolean;
  readonly historyMessages: number;
  readonly deleteArmedSeconds: number;
  /** How long a deleted chat is kept; 0 is for ever. */
  readonly trashDays: number;
  /** Chats that were not touched for so long are deleted; 0 is never. */
  readonly retentionDays: number;
  /** Who answers. */
  readonly engine: 'embedded' | 'server';
  /** Where new chats are kept; what "auto" means is decided here. */
  readonly place: PlaceKind;
  /** As it was typed; empty when none is set. */
  readonly serverUrl: string;
  /** A sentence for each value that was refused; its default is used. */
  readonly problems: readonly string[];
}

export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const problems: string[] = [];
  const read = <T extends boolean | number | string>(
    name: SettingName,
    field: { schema: z.ZodMiniType<T>; fallback: T; range: string },
  ): T => {
    const value: unknown = configuration.get(name);
    const parsed = field.schema.safeParse(value ?? field.fallback);
    if (parsed.success) return parsed.data;
    const [shown, used] = [value, field.fallback].map((one) => JSON.stringify(one));
    problems.push(`The setting ${SECTION}.${name} is ${shown}, but must be ${field.range}; ${used} is used.`);
    return field.fallback;
  };
  const engine = read('engine', fields.engine);
  const storage = read('storage', fields.storage);
  return {
    persistSessions: read('persistSessions', fields.persistSessions),
    historyMessages: read('historyMessages', fields.historyMessages),
    deleteArmedSeconds: read('deleteArmedSeconds', fields.deleteArmedSeconds),
    trashDays: read('trashDays', fields.trashDays),
    retentionDays: read('retentionDays', fields.retentionDays),
    engine,
    place: storage === 'auto' ? (engine === 'server' ? 'server' : 'workspace') : storage,
    serverUrl: read('server.url', fields['server.url']).trim(),
    problems,
  };
}

export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) listener();
  });
}

/** Shows all settings of ours, or one. */
export function openSettings(name?: SettingName): Thenable<unknown> {
  const query = name === undefined ? SECTION : `${SECTION}.${name}`;
  return vscode.commands.executeCommand('workbench.action.openSettings', query);
}

/** Sets a setting for this workspace, or for all windows of the user. */
export function writeSetting(name: SettingName, value: string, target: vscode.ConfigurationTarget): Thenable<void> {
  return vscode.workspace.getConfiguration(SECTION).update(name, value, target);
}

/** Changes a setting where its value is from; one that is set nowhere is set for this workspace, where there is one. */
export function changeSetting(name: SettingName, value: string, scope?: vscode.Uri): Thenable<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const found = configuration.inspect(name);
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const target = () => {
    if (found?.workspaceFolderValue !== undefined) return WorkspaceFolder;
    if (found?.workspaceValue !== undefined) return Workspace;
    if (found?.globalValue !== undefined) return Global;
    return vscode.workspace.workspaceFolders ? Workspace : Global;
  };
  return configuration.update(name, value, target());
}
