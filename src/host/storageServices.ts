import type * as vscode from 'vscode';
import type { FileStore } from '../files/fileStore.ts';
import type { Conversations } from './conversations.ts';
import type { ChatChoice } from './findChat.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import type { Reports } from './reports.ts';
import type { Servers } from './servers.ts';

/** What the commands around storage need. */
export interface StorageServices extends ChatChoice {
  readonly conversations: Conversations;
  readonly index: PipelineIndex;
  readonly servers: Servers;
  readonly reports: Reports;
  /** Opens a folder of files that may be no store of ours. */
  readonly openFiles: (root: vscode.Uri) => FileStore;
  readonly now: () => string;
  readonly newId: () => string;
  readonly log: vscode.LogOutputChannel;
}
