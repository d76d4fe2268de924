import * as vscode from 'vscode';
import { PipelineFile } from './pipelineFile.ts';
import { serverChatAddress } from './serverChatAddress.ts';
import type { Servers } from './servers.ts';

/** Puts the address of the server's own chat page on the clipboard, with the public key of a pipeline that runs there. */
export async function copyServerAddress(servers: Servers, uri: vscode.Uri, memory: vscode.Memento): Promise<void> {
  const { address, server } = await servers.open();
  const file = new PipelineFile(uri, memory);
  try {
    await file.load();
    const { pipeline, source } = file.require();
    const target = { pipeline, pipelineUri: uri.toString(), sourceId: source.id };
    const link = serverChatAddress(address.base, await server.engine.runs?.publicToken(target));
    await vscode.env.clipboard.writeText(link);
    const message = new URL(link).searchParams.has('auth')
      ? vscode.l10n.t('Copied. Whoever has this address can ask {0} while it runs on the server.', file.name)
      : vscode.l10n.t(
          'Copied without a key, because {0} does not run on the server. The page asks for one.',
          file.name,
        );
    void vscode.window.showInformationMessage(message);
  } finally {
    file.dispose();
  }
}
