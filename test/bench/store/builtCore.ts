import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { projectPaths } from '../../support/projectPaths.ts';

export type Core = typeof import('./core.ts');

/** The core of the product as users run it: bundled and minified by the product's own settings. */
export async function builtCore(): Promise<Core> {
  const outfile = join(projectPaths.out, 'bench/core.js');
  const product: { hostOptions(isProduction: boolean): BuildOptions } = await import(
    pathToFileURL(join(projectPaths.root, 'esbuild.mjs')).href
  );
  await build({
    ...product.hostOptions(true),
    absWorkingDir: projectPaths.root,
    entryPoints: ['test/bench/store/core.ts'],
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}
