import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import * as vscode from 'vscode';
import { chatsRootFor } from '../../src/host/chatPlaces.ts';
import { PipelineFile } from '../../src/host/pipelineFile.ts';
import { readSettings } from '../../src/host/settings.ts';

const CHAT = { id: 'chat_1', provider: 'chat', config: {} };
const ECHO = { id: 'r', provider: 'response_questions', input: [{ lane: 'questions', from: 'chat_1' }] };

class Memory implements vscode.Memento {
  readonly #values = new Map<string, unknown>();
  keys = () => [...this.#values.keys()];
  get = <T>(key: string, fallback?: T) => (this.#values.has(key) ? (this.#values.get(key) as T) : fallback) as T;
  update = async (key: string, value: unknown) => void this.#values.set(key, value);
}

let folder: vscode.Uri;
const open: PipelineFile[] = [];

function path(...parts: string[]): vscode.Uri {
  return vscode.Uri.joinPath(folder, ...parts);
}

async function write(name: string, content: unknown): Promise<vscode.Uri> {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  await vscode.workspace.fs.writeFile(path(name), new TextEncoder().encode(text));
  return path(name);
}

async function read(uri: vscode.Uri): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
}

async function load(name: string, content: unknown, memory = new Memory()): Promise<PipelineFile> {
  const file = new PipelineFile(await write(name, content), memory);
  open.push(file);
  await file.load();
  return file;
}

setup(async () => {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(workspace);
  folder = vscode.Uri.joinPath(workspace.uri, `test-${Date.now()}`);
  await vscode.workspace.fs.createDirectory(folder);
});

teardown(async () => {
  for (const file of open.splice(0)) file.dispose();
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await vscode.workspace.fs.delete(folder, { recursive: true });
});

suite('a pipeline file', () => {
  test('what is no JSON, no pipeline or has no chat source says so', async () => {
    const problems: [string, unknown, RegExp][] = [
      ['a.pipe', '{ "components": [', /JSON/],
      ['b.pipe', { nodes: [] }, /components/],
      ['c.pipe', { components: [{ id: 'w', provider: 'webhook' }] }, /chat/i],
    ];
    for (const [name, content, sentence] of problems) {
      const file = await load(name, content);
      assert.equal(file.problem?.code, 'pipeline-invalid', name);
      assert.match(file.problem?.message ?? '', sentence);
    }
  });

  test('a file that is not there says so, and is read once it is', async () => {
    const file = new PipelineFile(path('later.pipe'), new Memory());
    open.push(file);
    await file.load();
    assert.match(file.problem?.message ?? '', /can't be read/);
    const changed = new Promise<void>((resolve) => {
      const subscription = file.onDidChange(() => {
        if (!file.pipeline) return;
        subscription.dispose();
        resolve();
      });
    });
    await write('later.pipe', { components: [CHAT, ECHO] });
    await changed;
    assert.equal(file.problem, undefined);
  });

  test('a change right after it was opened is noticed', async () => {
    const file = await load('early.pipe', { components: [CHAT, ECHO] });
    const changed = new Promise<void>((resolve) => file.onDidChange(resolve));
    await write('early.pipe', '{ "components": ');
    await changed;
    assert.match(file.problem?.message ?? '', /JSON/);
  });

  test('of several chat sources one is asked for once and remembered', async () => {
    const memory = new Memory();
    const content = { components: [CHAT, { ...CHAT, id: 'chat_2' }, ECHO] };
    const file = await load('two.pipe', content, memory);
    assert.equal(file.problem?.code, 'source-ambiguous');
    await file.rememberSource('chat_2');
    assert.equal(file.problem, undefined);
    const again = await load('two.pipe', content, memory);
    assert.equal(again.require().source.id, 'chat_2');
  });

  test('turning saving on changes that and nothing else', async () => {
    const text =
      '\uFEFF{\r\n\t"components": [\r\n\t\t{ "id": "chat_1", "provider": "chat", "config": {} }\r\n\t]\r\n}\r\n';
    const file = await load('crlf.pipe', text);
    assert.equal(file.persistSessions, undefined);
    await file.enableSaving();
    assert.equal(file.persistSessions, true);
    const changed = await read(file.uri);
    assert.ok(changed.startsWith('\uFEFF{\r\n\t"components": [\r\n\t\t{ "id": "chat_1"'));
    assert.equal(changed.replace(/[^\r\n]/g, '').includes('\n\n'), false);
    assert.ok(changed.endsWith('\r\n\t]\r\n}\r\n'));
  });

  test('is never written under an editor with unsaved changes, and what runs is the saved file', async () => {
    const file = await load('dirty.pipe', { components: [CHAT, ECHO] });
    const document = await vscode.workspace.openTextDocument(file.uri);
    const editor = await vscode.window.showTextDocument(document);
    const becameDirty = new Promise<void>((resolve) => {
      const subscription = file.onDidChange(() => {
        if (!file.isDirty) return;
        subscription.dispose();
        resolve();
      });
    });
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), ' '));
    await becameDirty;
    const before = await read(file.uri);
    await assert.rejects(file.enableSaving(), { code: 'pipeline-unsaved' });
    assert.equal(await read(file.uri), before);
    await file.save();
    assert.equal(file.isDirty, false);
    assert.equal(await read(file.uri), ` ${before}`);
  });

  test('without a project_id its key is its path, and one can be added', async () => {
    const file = await load('plain.pipe', { components: [CHAT, ECHO] });
    assert.equal(file.key, `${folder.path.split('/').at(-1)}/plain.pipe`);
    await file.addProjectId('3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55');
    assert.equal(file.key, '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55');
  });
});

suite('where chats lie', () => {
  const user = vscode.Uri.file('/nowhere/storage');

  test('in the workspace folder when there is no .chats yet', async () => {
    const [workspace] = vscode.workspace.workspaceFolders ?? [];
    const root = await chatsRootFor(path('deep', 'a.pipe'), user);
    assert.equal(root.path, `${workspace?.uri.path}/.chats`);
  });

  test('in the nearest .chats at or above the file', async () => {
    await vscode.workspace.fs.createDirectory(path('near', '.chats'));
    const root = await chatsRootFor(path('near', 'deep', 'a.pipe'), user);
    assert.equal(root.path, path('near', '.chats').path);
  });

  test("in the user's storage for a file outside every folder", async () => {
    const root = await chatsRootFor(vscode.Uri.file('/somewhere/else/a.pipe'), user);
    assert.equal(root.path, '/nowhere/storage/.chats');
  });
});

suite('settings', () => {
  test('a value out of range says which values are right, and its default is used', async () => {
    const configuration = vscode.workspace.getConfiguration('pipelineChat');
    await configuration.update('historyMessages', 900, vscode.ConfigurationTarget.Workspace);
    try {
      const settings = readSettings(folder);
      assert.equal(settings.historyMessages, 6);
      assert.match(settings.problems.join(), /historyMessages is 900.*0 to 100/);
    } finally {
      await configuration.update('historyMessages', undefined, vscode.ConfigurationTarget.Workspace);
    }
    assert.deepEqual(readSettings(folder).problems, []);
  });
});
