import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectPaths } from '../support/projectPaths.ts';

/** Compiles the suite and its tests for the extension host; returns the path of the suite and how many test files it has. */
export async function bundleSuite(): Promise<{ suite: string; fileCount: number }> {
  const outdir = join(projectPaths.out, 'integration');
  const tests = globSync('test/integration/**/*.test.ts', { cwd: projectPaths.root });
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: projectPaths.root,
    entryPoints: ['test/integration/suite.ts', ...tests],
    outbase: 'test/integration',
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    external: ['vscode'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return { suite: join(outdir, 'suite.js'), fileCount: tests.length };
}
