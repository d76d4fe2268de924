import { copyFile, mkdir, rm } from 'node:fs/promises';
import { context } from 'esbuild';

const isWatching = process.argv.includes('--watch');
const isProduction = process.argv.includes('--production');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  format: 'esm',
  minify: isProduction,
  sourcemap: isProduction ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

/** @type {import('esbuild').BuildOptions} */
const host = {
  ...shared,
  outdir: 'dist',
  platform: 'node',
  target: 'node22',
  external: ['vscode'],
  // The CommonJS build of jsonc-parser requires its parts in a way that can't be bundled.
  mainFields: ['module', 'main'],
  // CommonJS packages inside an ES module bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
};

/** Leaves the AI SDK to a bundle of its own. Sharing code with it would draw most of it into the start. */
const aiSdkApart = {
  name: 'ai-sdk-apart',
  setup(build) {
    build.onResolve({ filter: /\/aiSdk\.ts$/ }, () => ({ path: './aiSdk.js', external: true }));
  },
};

const builds = [
  { ...host, entryPoints: ['src/extension.ts'], splitting: true, plugins: [aiSdkApart] },
  { ...host, entryPoints: ['src/engine/aiSdk.ts'] },
  {
    ...shared,
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
