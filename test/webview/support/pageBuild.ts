import { rmSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let built: Promise<string> | undefined;

/** Bundles the page as the product does and returns its folder. Built once in a process and gone with it. */
export function buildPage(): Promise<string> {
  built ??= bundle(join(ROOT, 'out', `page-${process.pid}`));
  return built;
}

async function bundle(outdir: string): Promise<string> {
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['webview/main.ts', 'webview/main.css'],
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    target: 'es2022',
    external: ['*.ttf'],
    logLevel: 'warning',
  });
  await mkdir(outdir, { recursive: true });
  for (const file of ['codicon.css', 'codicon.ttf']) {
    await copyFile(join(ROOT, 'node_modules/@vscode/codicons/dist', file), join(outdir, file));
  }
  await copyFile(fileURLToPath(new URL('themes.css', import.meta.url)), join(outdir, 'themes.css'));
  return outdir;
}
