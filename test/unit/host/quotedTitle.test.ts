import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { quotedTitle } from '../../../src/host/quotedTitle.ts';

suite('a title in a notification', () => {
  test('is quoted as it is', () => {
    assert.equal(quotedTitle('What is a [pipeline] (really)?'), '“What is a [pipeline] (really)?”');
  });

  test('makes no link, whatever it holds', () => {
    // What notifications make links of, as VS Code reads them.
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
    const title = '[Undo](command:workbench.action.quit) and [x](https://example.com "y")';
    assert.match(title, link);
    assert.doesNotMatch(quotedTitle(title), link);
  });
});
