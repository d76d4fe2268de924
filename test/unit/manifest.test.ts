import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { suite, test } from 'mocha';
import manifest from '../../package.json' with { type: 'json' };

const source = globSync('src/**/*.ts').map((file) => readFileSync(file, 'utf8'));
const declared = manifest.contributes.commands.map(({ command }) => command);

suite('manifest', () => {
  test('the commands of the manifest and those of the code are the same', () => {
    const registered = source.flatMap((text) =>
      [...text.matchAll(/^ {4}'(pipelineChat\.\w+)':/gm)].map(([, id]) => id),
    );
    assert.deepEqual(registered.toSorted(), declared.toSorted());
  });

  test('menus, keybindings and welcome views name commands that exist', () => {
    const { menus, keybindings, viewsWelcome } = manifest.contributes;
    const named = [
      ...Object.values(menus).flatMap((items) => items.map(({ command }) => command)),
      ...keybindings.map(({ command }) => command),
      ...viewsWelcome.flatMap(({ contents }) =>
        [...contents.matchAll(/command:(pipelineChat\.\w+)/g)].map(([, id]) => id),
      ),
    ];
    for (const command of named) assert.ok(command !== undefined && declared.includes(command), command);
  });

  test('the settings of the manifest have the ranges and defaults of the code', () => {
    const settings = readFileSync('src/host/settings.ts', 'utf8');
    for (const [id, property] of Object.entries(manifest.contributes.configuration.properties)) {
      const name = id.replace('pipelineChat.', '');
      const field = new RegExp(`  '?${name}'?: \\{([^]*?)\\n? *\\},?\\n`).exec(settings)?.[1] ?? '';
      const fallback = typeof property.default === 'string' ? `'${property.default}'` : `${property.default}\\b`;
      assert.match(field, new RegExp(`fallback: ${fallback}`), id);
      if ('minimum' in property) {
        assert.match(field, new RegExp(`minimum\\(${property.minimum}\\), z.maximum\\(${property.maximum}\\)`), id);
      }
      if ('enum' in property) {
        assert.ok(field.includes(`z.enum([${property.enum.map((one) => `'${one}'`).join(', ')}])`), id);
        assert.equal(property.enumDescriptions.length, property.enum.length, id);
      }
    }
  });

  test('no setting that names a server is taken from a workspace that is not trusted', () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const name of ['engine', 'storage', 'server.url']) {
      assert.ok(restricted.includes(`pipelineChat.${name}`), name);
    }
  });

  test('every picture that the manifest names is there', () => {
    const pictures = JSON.stringify(manifest).matchAll(/"((?:media|dist)\/[^"]+\.(?:svg|png))"/g);
    for (const [, path = ''] of pictures) assert.ok(existsSync(path), path);
  });

  test('the types of the VS Code API are those of the oldest version supported', () => {
    assert.equal(`^${manifest.devDependencies['@types/vscode']}`, manifest.engines.vscode);
  });

  test('the custom editor of RocketRide keeps its files', () => {
    assert.equal('customEditors' in manifest.contributes, false);
  });
});
