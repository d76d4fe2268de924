import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';

const ID = 'pipeline-chat.pipeline-chat';

function samples(): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'the sample workspace is open');
  return folder.uri;
}

suite('the extension in VS Code', () => {
  test('activates, and every command of its manifest is registered', async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension);
    await extension.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of extension.packageJSON.contributes.commands) assert.ok(registered.has(command), command);
  });

  test('opens a panel beside a pipeline, one for each', async () => {
    const pipeline = vscode.Uri.joinPath(samples(), 'echo.pipe');
    await vscode.window.showTextDocument(pipeline);
    await vscode.commands.executeCommand('pipelineChat.openBeside', pipeline);
    await vscode.commands.executeCommand('pipelineChat.openBeside', pipeline);
    await tabsChangedUntil(() => /^Echo: /.test(panels()[0]?.label ?? ''));
    assert.equal(panels().length, 1);
    assert.equal(panels()[0]?.group.viewColumn, vscode.ViewColumn.Two);
  });
});

function panels(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('pipelineChat.panel'));
}

async function tabsChangedUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise<void>((resolve) => {
      const subscription = vscode.window.tabGroups.onDidChangeTabs(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}
