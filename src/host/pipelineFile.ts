import * as vscode from 'vscode';
import { chatSources, chooseSource } from '../pipelines/chatSources.ts';
import { exampleQuestions, modelName } from '../pipelines/describePipeline.ts';
import { withPersistSessions, withProjectId } from '../pipelines/editPipeline.ts';
import { parsePipeline } from '../pipelines/parsePipeline.ts';
import { persistSessions } from '../pipelines/persistSessions.ts';
import type { Component, Pipeline } from '../pipelines/pipeline.ts';
import { pipelineKey } from '../pipelines/pipelineId.ts';
import { ChatError } from '../protocol/chatError.ts';
import { type Disposable, DisposableStore } from '../util/disposable.ts';
import { Emitter } from '../util/emitter.ts';
import { Sequencer } from '../util/sequencer.ts';
import { PIPELINE_GLOB } from './findPipelines.ts';

export function isPipelineUri(uri: vscode.Uri): boolean {
  return /\.pipe(\.json)?$/.test(uri.path);
}

/** The file's name without its ending. */
export function pipelineName(uri: vscode.Uri): string {
  return (uri.path.split('/').at(-1) ?? '').replace(/\.pipe(\.json)?$/, '');
}

export async function readPipeline(uri: vscode.Uri): Promise<Pipeline> {
  return parsePipeline(await readText(uri));
}

/** The saved pipeline file beside which a view chats. What runs is what is on disk. */
export class PipelineFile implements Disposable {
  readonly uri: vscode.Uri;
  readonly #memory: vscode.Memento;
  readonly #disposables = new DisposableStore();
  readonly #sequencer = new Sequencer();
  readonly #onDidChange = this.#disposables.add(new Emitter<void>());
  readonly onDidChange = this.#onDidChange.event;
  #pipeline: Pipeline | undefined;
  #problem: ChatError | undefined;
  #isDirty = false;

  /** @param memory remembers which of several chat sources was chosen */
  constructor(uri: vscode.Uri, memory: vscode.Memento) {
    this.uri = uri;
    this.#memory = memory;
    // The workspace is watched already; watching a folder anew would miss what happens until that stands.
    const watcher = vscode.workspace.createFileSystemWatcher(
      vscode.workspace.getWorkspaceFolder(uri)
        ? PIPELINE_GLOB
        : new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*'),
    );
    const reload = (changed: vscode.Uri) => {
      if (changed.toString() === uri.toString()) void this.load();
    };
    this.#disposables.add(watcher);
    this.#disposables.add(watcher.onDidChange(reload));
    this.#disposables.add(watcher.onDidCreate(reload));
    this.#disposables.add(watcher.onDidDelete(reload));
    this.#disposables.add(vscode.window.tabGroups.onDidChangeTabs(() => this.#checkDirty()));
    this.#disposables.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.#checkDirty();
        // An editor without changes of its own has taken up what is on disk.
        if (!document.isDirty) reload(document.uri);
      }),
    );
    this.#disposables.add(
      vscode.workspace.onDidSaveTextDocument((document) => {
        this.#checkDirty();
        reload(document.uri);
      }),
    );
  }

  get name(): string {
    return this.#pipeline?.name || pipelineName(this.uri);
  }

  /** For people, and the key of a pipeline without an id. */
  get relativePath(): string {
    return vscode.workspace.asRelativePath(this.uri, false);
  }

  get pipeline(): Pipeline | undefined {
    return this.#pipeline;
  }

  /** Why the pipeline can't be chatted with, when that is so. */
  get problem(): ChatError | undefined {
    return this.#problem;
  }

  /** An editor, ours or another's, holds changes that are not on disk. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The key that its chats are listed under. */
  get key(): string {
    return this.#pipeline ? pipelineKey(this.#pipeline, this.relativePath) : this.relativePath.normalize();
  }

  /** The chat source that questions enter by; undefined when there is none, or none is chosen yet. */
  get source(): Component | undefined {
    try {
      return this.require().source;
    } catch {
      // Why there is no source is told by `problem`.
      return undefined;
    }
  }

  /** What the pipeline says of saving; undefined when it says nothing. */
  get persistSessions(): boolean | undefined {
    const { source } = this;
    return this.#pipeline && source ? persistSessions(this.#pipeline, source.id) : undefined;
  }

  /** The pipeline with the source to ask. @throws ChatError saying what is wrong with the file. */
  require(): { pipeline: Pipeline; source: Component } {
    if (!this.#pipeline) throw this.#problem ?? new ChatError('pipeline-invalid', 'The pipeline is not read yet.');
    return { pipeline: this.#pipeline, source: chooseSource(this.#pipeline, this.#rememberedSource) };
  }

  /** The model that answers, when the pipeline names one. */
  get model(): string | undefined {
    return this.#pipeline && modelName(this.#pipeline);
  }

  /** Questions to start a chat with. */
  get examples(): string[] {
    return this.#pipeline ? exampleQuestions(this.#pipeline, pipelineName(this.uri)) : [];
  }

  /** The first `ROCKETRIDE_…` name that the pipeline takes a key from. */
  get keyName(): string | undefined {
    const name = /\$\{(ROCKETRIDE_[A-Za-z0-9_]+)\}/.exec(JSON.stringify(this.#pipeline?.components ?? []))?.[1];
    return name === 'ROCKETRIDE_APIKEY' ? undefined : name;
  }

  get sources(): readonly Component[] {
    return this.#pipeline ? chatSources(this.#pipeline) : [];
  }

  async rememberSource(sourceId: string): Promise<void> {
    await this.#memory.update(this.#sourceKey, sourceId);
    await this.load();
  }

  /** Reads the file as it is on disk now. */
  load(): Promise<void> {
    return this.#sequencer.run('load', async () => {
      const before = this.#problem?.message ?? this.#pipeline;
      try {
        this.#pipeline = await readPipeline(this.uri);
        this.#problem = undefined;
        this.require();
      } catch (error) {
        this.#problem = ChatError.from(error);
        if (this.#problem.code !== 'source-ambiguous') this.#pipeline = undefined;
      }
      this.#checkDirty();
      const now = this.#problem?.message ?? this.#pipeline;
      if (JSON.stringify(now) !== JSON.stringify(before)) this.#onDidChange.fire();
    });
  }

  /** Saves the editor that holds changes. @throws ChatError `pipeline-unsaved` when that fails. */
  async save(): Promise<void> {
    if (!this.#isDirty) return;
    if (!(await vscode.workspace.save(this.uri))) {
      throw new ChatError('pipeline-unsaved', `${this.relativePath} could not be saved. Save it in its editor.`);
    }
    await this.load();
  }

  enableSaving(): Promise<void> {
    const { source } = this.require();
    return this.#edit((text) => withPersistSessions(text, source.id, true));
  }

  addProjectId(id: string): Promise<void> {
    return this.#edit((text) => withProjectId(text, id));
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #edit(change: (text: string) => string): Promise<void> {
    this.#checkDirty();
    if (this.#isDirty) {
      throw new ChatError('pipeline-unsaved', `Save ${this.relativePath} first: its editor holds unsaved changes.`);
    }
    const changed = change(await readText(this.uri));
    await vscode.workspace.fs.writeFile(this.uri, new TextEncoder().encode(changed));
    await this.load();
  }

  get #sourceKey(): string {
    return `source:${this.uri.toString()}`;
  }

  get #rememberedSource(): string | undefined {
    return this.#memory.get<string>(this.#sourceKey);
  }

  #checkDirty(): void {
    const isDirty = vscode.window.tabGroups.all.some((group) =>
      group.tabs.some((tab) => tab.isDirty && tabUri(tab)?.toString() === this.uri.toString()),
    );
    if (isDirty === this.#isDirty) return;
    this.#isDirty = isDirty;
    this.#onDidChange.fire();
  }
}

/** The file that a tab edits, in a text editor or in another extension's custom editor. */
export function tabUri(tab: vscode.Tab): vscode.Uri | undefined {
  return tab.input instanceof vscode.TabInputText || tab.input instanceof vscode.TabInputCustom
    ? tab.input.uri
    : undefined;
}

async function readText(uri: vscode.Uri): Promise<string> {
  try {
    // The decoder keeps a BOM, so that an edit gives the file back byte for byte.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  } catch (cause) {
    const path = vscode.workspace.asRelativePath(uri, false);
    throw new ChatError('pipeline-invalid', `The pipeline file ${path} can't be read. Was it moved or deleted?`, {
      cause,
    });
  }
}
