import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { suite, test } from 'mocha';

/** Who may import whom, by room; the table of CONTRIBUTING.md. */
const rooms: Record<string, { own: RegExp; packages: RegExp }> = {
  util: { own: /^util\//, packages: /^$/ },
  protocol: { own: /^(protocol|util)\//, packages: /^zod(\/mini)?$/ },
  pipelines: {
    own: /^(pipelines|util)\/|^protocol\/(model|chatError|question)\.ts$/,
    packages: /^(zod\/mini|jsonc-parser|uuid)$/,
  },
  rocketride: {
    own: /^(rocketride|util)\/|^protocol\/(chatError|connectionState|model|question)\.ts$/,
    packages: /^(node:.*|zod\/mini|uuid|ws)$/,
  },
  files: {
    own: /^(files|rocketride|util)\/|^protocol\/(model|chatError|question)\.ts$/,
    packages: /^(node:.*|zod\/mini|uuid)$/,
  },
  engine: {
    own: /^(engine|pipelines|rocketride|util)\/|^protocol\/(model|chatError|question)\.ts$/,
    packages: /^(node:.*|zod\/mini|uuid|ai|@ai-sdk\/.*)$/,
  },
  chats: {
    own: /^(chats|protocol|util)\/|^files\/fileStore\.ts$|^engine\/engine\.ts$|^pipelines\/pipeline\.ts$/,
    packages: /^(zod|zod\/mini|uuid)$/,
  },
  host: {
    own: /^(host|chats|pipelines|protocol|util)\/|^files\/fileStore\.ts$|^engine\/engine\.ts$/,
    packages: /^(vscode|zod\/mini|uuid)$/,
  },
};
const pagePackages =
  /^(lit(\/.*)?|markdown-it(\/.*)?|dompurify|highlight\.js(\/.*)?|zod\/mini|@vscode\/webview-ui-toolkit)$/;

const files = globSync(['src/**/*.ts', 'webview/**/*.ts']).map((file) => file.split(sep).join('/'));
const imports = new Map(
  files.map((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/(?:from\s+|import\s*\(?\s*)'([^']+)'/g);
    const targets = [...found].map(([, target = '']) =>
      target.startsWith('.')
        ? normalize(join(dirname(file), target))
            .split(sep)
            .join('/')
        : target,
    );
    return [file, targets];
  }),
);

suite('layers', () => {
  test('no room imports what it may not', () => {
    const broken: string[] = [];
    for (const [file, targets] of imports) {
      const [top, room = ''] = file.split('/');
      const rule = rooms[room];
      for (const target of targets) {
        const isOwn = /^(src|webview)\//.test(target);
        const isAllowed =
          top === 'webview'
            ? isOwn
              ? /^(webview|src\/(protocol|util))\//.test(target)
              : pagePackages.test(target)
            : !rule || (isOwn ? rule.own.test(target.replace(/^src\//, '')) : rule.packages.test(target));
        if (!isAllowed) broken.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  test('the page has the small build of zod only', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const target of imports.get(file) ?? []) visit(target);
    };
    for (const file of imports.keys()) if (file.startsWith('webview/')) visit(file);
    assert.equal(reached.has('zod/mini'), true);
    assert.equal(reached.has('zod'), false);
  });

  test('no imports go in a circle', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), [...path, file].join(' → '));
      if (done.has(file)) return;
      for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of imports.keys()) visit(file, []);
  });

  test('every extension root stays under 100 lines', () => {
    assert.ok(readFileSync('src/extension.ts', 'utf8').split('\n').length < 100);
  });

  test('one file imports the webview UI toolkit', () => {
    const users = [...imports].filter(([, targets]) => targets.includes('@vscode/webview-ui-toolkit'));
    assert.deepEqual(
      users.map(([file]) => file),
      ['webview/toolkit.ts'],
    );
  });
});
