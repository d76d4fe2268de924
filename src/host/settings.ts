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
} as const;

export interface Settings {
  readonly persistSessions: boolean;
  readonly historyMessages: number;
  readonly deleteArmedSeconds: number;
  /** How long a deleted chat is kept; 0 is for ever. */
  readonly trashDays: number;
  /** Chats that were not touched for so long are deleted; 0 is never. */
  readonly retentionDays: number;
  /** A sentence for each value that was refused; its default is used. */
  readonly problems: readonly string[];
}

export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const problems: string[] = [];
  const read = <T extends boolean | number>(
    name: keyof typeof fields,
    field: { schema: z.ZodMiniType<T>; fallback: T; range: string },
  ): T => {
    const value: unknown = configuration.get(name);
    const parsed = field.schema.safeParse(value ?? field.fallback);
    if (parsed.success) return parsed.data;
    const shown = JSON.stringify(value);
    problems.push(`The setting ${SECTION}.${name} is ${shown}, but must be ${field.range}; ${field.fallback} is used.`);
    return field.fallback;
  };
  return {
    persistSessions: read('persistSessions', fields.persistSessions),
    historyMessages: read('historyMessages', fields.historyMessages),
    deleteArmedSeconds: read('deleteArmedSeconds', fields.deleteArmedSeconds),
    trashDays: read('trashDays', fields.trashDays),
    retentionDays: read('retentionDays', fields.retentionDays),
    problems,
  };
}

export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) listener();
  });
}

/** Shows all settings of ours, or one. */
export function openSettings(name?: keyof typeof fields): Thenable<unknown> {
  const query = name === undefined ? SECTION : `${SECTION}.${name}`;
  return vscode.commands.executeCommand('workbench.action.openSettings', query);
}
