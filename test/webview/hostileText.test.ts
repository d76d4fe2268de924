import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import { hostileTexts } from './support/hostileTexts.ts';
import { PageHarness } from './support/pageHarness.ts';
import { FIRST_ID, openedSnapshot, sampleRow, sampleTurn } from './support/sampleChats.ts';

suite('hostile text', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  for (const isUnprotected of [false, true]) {
    test(`every payload is inert ${isUnprotected ? 'without' : 'with'} the content security policy`, async () => {
      const turns = hostileTexts.map((text, at) =>
        sampleTurn(`turn-${at}`, text, wrapped(text), {
          reasoning: text,
          steps: [text],
          parts: [
            { key: text, label: text, kind: 'markdown', text: wrapped(text) },
            { key: `json-${at}`, label: 'JSON', kind: 'json', text: JSON.stringify({ [text]: text }) },
            { key: `raw-${at}`, kind: 'json', text },
            { key: `file-${at}`, kind: 'file', text },
            { key: `documents-${at}`, kind: 'documents', text, documents: [{ name: text, text }] },
          ],
        }),
      );
      turns.push(
        sampleTurn('last', 'Why?', '', {
          state: 'failed',
          error: { code: 'internal', message: hostileTexts.join(' ') },
        }),
      );
      const opened = openedSnapshot(turns, {
        chats: hostileTexts.map((text, at) =>
          sampleRow(at === 0 ? FIRST_ID : `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`, text, {
            preview: text,
          }),
        ),
        notices: hostileTexts.map((message, at) => ({ id: `n${at}`, severity: 'info', message, actions: [] })),
      });
      const { page, host } = await harness.open(opened, { isUnprotected, isImpatient: true });
      const dialogs: string[] = [];
      const requests: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.locator('#turn-last').waitFor({ state: 'attached' });
      page.on('request', (request) => requests.push(request.url()));
      host.push({ chat: { ...host.snapshot.chat, title: hostileTexts.join(' ') } });
      await page.locator('details').evaluateAll((all) => {
        for (const element of all) element.setAttribute('open', '');
      });
      await page.waitForTimeout(500);
      const found = await page.evaluate(() => ({
        ran: Reflect.get(window, 'ran'),
        elements: [
          ...document.querySelectorAll(
            '#app :is(script, img, iframe, object, embed, svg, math, style, base, meta, link, video, audio, form:not(.composer))',
          ),
        ].map((element) => element.outerHTML),
        handlers: [...document.querySelectorAll('#app *')].filter((element) =>
          element.getAttributeNames().some((name) => name.startsWith('on') || name === 'style' || name === 'srcdoc'),
        ).length,
        links: [...document.querySelectorAll('#app a')].map((link) => link.getAttribute('href')),
      }));
      assert.equal(found.ran, undefined);
      assert.deepEqual(found.elements, []);
      assert.equal(found.handlers, 0);
      assert.deepEqual(
        found.links.filter((href) => href !== null && !/^(https?:\/\/|mailto:)/.test(href)),
        [],
      );
      assert.deepEqual(dialogs, []);
      assert.deepEqual(
        requests.filter((url) => !url.startsWith(new URL(page.url()).origin)),
        [],
      );
    });
  }
});

/** The text in every place that Markdown has for it. */
function wrapped(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return [
    text,
    `# ${line}`,
    `> ${line}`,
    `- ${line}`,
    `| a | b |\n| :-: | --: |\n| ${line} | ${line} |`,
    `[label](${line})`,
    `[${line}](https://example.com "${line}")`,
    `![${line}](${line})`,
    `<${line}>`,
    `\`\`\`${line}\n${text}\n\`\`\``,
    `    ${line}`,
  ].join('\n\n');
}
