import { realpathSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { context } from 'esbuild';

/** @returns {import('esbuild').BuildOptions} */
const shared = (isProduction) => ({
  bundle: true,
  format: 'esm',
  minify: isProduction,
  sourcemap: isProduction ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
});

/**
 * How code of the extension host is bundled; what runs it otherwise (a measurement, say) builds it the same way.
 * @returns {import('esbuild').BuildOptions}
 */
export const hostOptions = (isProduction) => ({
  ...shared(isProduction),
  platform: 'node',
  target: 'node22',
  external: ['vscode'],
  // The CommonJS build of jsonc-parser requires its parts in a way that can't be bundled.
  mainFields: ['module', 'main'],
  // CommonJS packages inside an ES module bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});

/** Leaves the AI SDK to a bundle of its own. Sharing code with it would draw most of it into the start. */
const aiSdkApart = {
  name: 'ai-sdk-apart',
  setup(build) {
    build.onResolve({ filter: /\/aiSdk\.ts$/ }, () => ({ path: './aiSdk.js', external: true }));
  },
};

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  await buildExtension({
    isWatching: process.argv.includes('--watch'),
    isProduction: process.argv.includes('--production'),
  });
}

async function buildExtension({ isWatching, isProduction }) {
  const host = { ...hostOptions(isProduction), outdir: 'dist' };
  const builds = [
    { ...host, entryPoints: ['src/extension.ts'], splitting: true, plugins: [aiSdkApart] },
    { ...host, entryPoints: ['src/engine/aiSdk.ts'] },
    {
      ...shared(isProduction),
      entryPoints: ['webview/main.ts', 'webview/main.css'],
      outdir: 'dist/webview',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      platform: 'browser',
      target: 'es2022',
      external: ['*.ttf'],
    },
  ];

  await rm('dist', { recursive: true, force: true });
  await mkdir('dist/webview', { recursive: true });
  for (const file of ['codicon.css', 'codicon.ttf']) {
    await copyFile(`node_modules/@vscode/codicons/dist/${file}`, `dist/webview/${file}`);
  }

  const contexts = await Promise.all(builds.map((options) => context(options)));
  if (isWatching) {
    await Promise.all(contexts.map((built) => built.watch()));
    console.log('watching for changes; Ctrl+C ends');
  } else {
    await Promise.all(contexts.map((built) => built.rebuild()));
    await Promise.all(contexts.map((built) => built.dispose()));
  }
}
