import type * as vscode from 'vscode';
import type { FileStore } from '../files/fileStore.ts';
import type { ChatChoice } from './findChat.ts';
import type { PipelineIndex } from './pipelineIndex.ts';
import type { Reports } from './reports.ts';

/** What the commands around storage need. */
export interface StorageServices extends ChatChoice {
  readonly index: PipelineIndex;
  readonly reports: Reports;
  /** Opens a folder of files that may be no store of ours. */
  readonly openFiles: (root: vscode.Uri) => FileStore;
  readonly now: () => string;
  readonly newId: () => string;
  readonly log: vscode.LogOutputChannel;
}
