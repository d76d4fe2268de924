import * as vscode from 'vscode';
import { pipelineKey } from '../pipelines/pipelineId.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { findPipelines, PIPELINE_GLOB } from './findPipelines.ts';
import { readPipeline } from './pipelineFile.ts';

/** Which pipeline files of the workspace have which key. */
export class PipelineIndex implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  readonly #log: vscode.LogOutputChannel;
  #index: Promise<ReadonlyMap<string, readonly vscode.Uri[]>> | undefined;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
    const watcher = this.#disposables.add(vscode.workspace.createFileSystemWatcher(PIPELINE_GLOB));
    const forget = () => {
      this.#index = undefined;
      this.#onDidChange.fire();
    };
    this.#disposables.add(watcher.onDidChange(forget));
    this.#disposables.add(watcher.onDidCreate(forget));
    this.#disposables.add(watcher.onDidDelete(forget));
  }

  /** The files with this key; two of them share their chats, which their views say. */
  async filesOf(key: string): Promise<readonly vscode.Uri[]> {
    return (await this.byKey()).get(key) ?? [];
  }

  /** Every key with its files. Empty when VS Code can't search the workspace. */
  byKey(): Promise<ReadonlyMap<string, readonly vscode.Uri[]>> {
    this.#index ??= this.#read();
    return this.#index;
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #read(): Promise<ReadonlyMap<string, readonly vscode.Uri[]>> {
    const index = new Map<string, vscode.Uri[]>();
    for (const file of await findPipelines(this.#log)) {
      const path = vscode.workspace.asRelativePath(file, false);
      let key = path;
      try {
        key = pipelineKey(await readPipeline(file), path);
      } catch {
        // Not a pipeline (yet): it is known by its path, and its view says what is wrong.
      }
      index.set(key, [...(index.get(key) ?? []), file]);
    }
    return index;
  }
}
