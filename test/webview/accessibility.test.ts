import assert from 'node:assert/strict';
import axe from 'axe-core';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import type { Page } from 'playwright-core';
import type { ViewSnapshot } from '../../src/protocol/model.ts';
import { PageHarness } from './support/pageHarness.ts';
import {
  FIRST_ID,
  LANE_PARTS,
  openedSnapshot,
  RICH_ANSWER,
  sampleSnapshot,
  sampleTurn,
} from './support/sampleChats.ts';

const question = 'How do I set up a pre-commit hook?';
const code = '```ts\n// why\nexport const retries: number = 3;\nconst name = `a`;\n```\n\n```diff\n- old\n+ new\n```';
const error = { code: 'unreachable' as const, message: 'The model could not be reached. Check the connection.' };
const notice = {
  id: 'unsaved',
  severity: 'warning' as const,
  message: 'This pipeline does not save its chats.',
  actions: [{ action: 'enable-saving' as const, label: 'Enable Saving' }],
};

const states: Record<string, { snapshot: ViewSnapshot; prepare?: (page: Page) => Promise<unknown>; width?: number }> = {
  empty: { snapshot: sampleSnapshot() },
  short: { snapshot: openedSnapshot([sampleTurn('a', question, RICH_ANSWER), sampleTurn('b', 'Code?', code)]) },
  'armed delete': {
    snapshot: sampleSnapshot(),
    prepare: (page) => page.focus(`#chat-${FIRST_ID}`).then(() => page.keyboard.press('Delete')),
  },
  failed: {
    snapshot: openedSnapshot(
      [
        sampleTurn('a', question, '', { state: 'failed', error }),
        sampleTurn('b', question, 'Half', { state: 'interrupted' }),
        sampleTurn('c', question, '', { state: 'stopped' }),
      ],
      { notices: [notice] },
    ),
  },
  lanes: {
    snapshot: openedSnapshot([
      sampleTurn('a', question, '', { parts: [...LANE_PARTS] }),
      sampleTurn('b', question, '', { state: 'running', reasoning: 'Hm.', steps: ['Searching', 'Reading'] }),
    ]),
    prepare: (page) =>
      page.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      }),
  },
  renaming: {
    snapshot: sampleSnapshot(),
    prepare: (page) => page.focus(`#chat-${FIRST_ID}`).then(() => page.keyboard.press('F2')),
  },
  'list over a narrow panel': {
    snapshot: openedSnapshot([sampleTurn('a', question, RICH_ANSWER)]),
    prepare: (page) => page.getByRole('button', { name: 'Show chats' }).click(),
    width: 320,
  },
};

suite('accessibility', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  for (const theme of ['dark', 'light', 'hc-black', 'hc-light', 'dark-modern', 'light-modern']) {
    for (const [name, { snapshot, prepare, width }] of Object.entries(states)) {
      test(`axe finds nothing in ${theme}: ${name}`, async () => {
        const { page } = await harness.open(snapshot, { theme, width });
        await prepare?.(page);
        await page.waitForTimeout(150);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => axe.run());
        const found = violations.flatMap(({ id, nodes }) =>
          nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
        );
        assert.deepEqual(found, []);
      });
    }
  }

  test('every control can be reached by Tab and shows its focus', async () => {
    const { page } = await harness.open(openedSnapshot([sampleTurn('a', question, RICH_ANSWER)]));
    const names = new Set<string>();
    for (let step = 0; step < 30; step++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return '';
        const shown = element.closest('.composer-box') ?? element;
        const style = getComputedStyle(element);
        const isMarked = style.outlineStyle !== 'none' || getComputedStyle(shown).borderColor !== '';
        return isMarked ? (element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '') : 'unmarked';
      });
      names.add(name);
    }
    assert.equal(names.has('unmarked'), false);
    for (const name of [
      'Hide chats',
      'New chat',
      `Rename ${question}`,
      'Copy code',
      'Table',
      'Copy answer',
      'Git documentation',
    ]) {
      assert.ok(names.has(name), `${name} was not reached`);
    }
  });
});
