import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPaths } from './projectPaths.ts';

/** The samples point here; a copy is moved to another port when this one is taken. */
export const SAMPLE_MODEL_PORT = 11577;

const LOCAL_MODEL = /http:\/\/127\.0\.0\.1:\d+\/v1/g;

/** Adds what is missing of the samples to `folder`; files that are there, chats above all, stay as they are. */
export function fillSampleWorkspace(folder: string, modelPort: number): string {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(projectPaths.samples)) return folder;
  cpSync(projectPaths.samples, folder, { recursive: true, force: false, errorOnExist: false });
  for (const name of readdirSync(projectPaths.samples)) {
    if (name.endsWith('.pipe')) pointAtModel(join(projectPaths.samples, name), join(folder, name), modelPort);
  }
  return folder;
}

/** A copy of the samples for one test run; the caller removes it. */
export function temporarySampleWorkspace(modelPort: number): string {
  return fillSampleWorkspace(mkdtempSync(join(tmpdir(), 'pipeline-chat-samples-')), modelPort);
}

/** The workspace of `npm start`, kept between runs unless it should be fresh. */
export function keptSampleWorkspace(modelPort: number, isFresh: boolean): string {
  const folder = join(projectPaths.vscodeTest, 'sample-workspace');
  if (isFresh) rmSync(folder, { recursive: true, force: true });
  return fillSampleWorkspace(folder, modelPort);
}

/** Leaves a pipeline alone that its reader has changed in more than the port. */
function pointAtModel(sampleFile: string, copyFile: string, modelPort: number): void {
  const sample = readFileSync(sampleFile, 'utf8');
  const copy = readFileSync(copyFile, 'utf8');
  const sampleUrl = `http://127.0.0.1:${SAMPLE_MODEL_PORT}/v1`;
  if (copy.replace(LOCAL_MODEL, sampleUrl) !== sample) return;
  const next = sample.replaceAll(sampleUrl, `http://127.0.0.1:${modelPort}/v1`);
  if (next !== copy) writeFileSync(copyFile, next);
}
