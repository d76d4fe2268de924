import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import { PageHarness } from './support/pageHarness.ts';
import { FIRST_ID, LANE_PARTS, openedSnapshot, sampleTurn } from './support/sampleChats.ts';
import { until } from './support/until.ts';

suite('result lanes', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  const laneTurn = () => sampleTurn('a', 'Why?', '', { parts: [...LANE_PARTS] });

  test('every part stands under its label', async () => {
    const { page } = await harness.open(openedSnapshot([laneTurn()]));
    const labels = await page.locator('.part-label').allTextContents();
    assert.deepEqual(
      labels,
      LANE_PARTS.map(({ label }) => label),
    );
  });

  test('an image is drawn from what came with the answer, and nothing is fetched', async () => {
    const { page } = await harness.open(openedSnapshot([laneTurn()]));
    const image = page.getByRole('img', { name: /^Image, image\/png/ });
    await image.waitFor();
    const width = await image.evaluate(async (element) => {
      if (!(element instanceof HTMLImageElement)) return 0;
      await element.decode();
      return element.naturalWidth;
    });
    assert.equal(width, 1);
    assert.match((await image.getAttribute('src')) ?? '', /^data:image\/png;base64,/);
  });

  test('a source shows its name, how well it fits and how it begins; its text when it is opened', async () => {
    const { page } = await harness.open(openedSnapshot([laneTurn()]));
    const source = page.locator('.source').first();
    assert.equal(await source.locator('.source-name').textContent(), 'handbook/refunds.md');
    assert.equal(await source.locator('.source-score').textContent(), '0.91');
    const text = source.locator('.source-text');
    assert.equal(await text.isVisible(), false);
    await source.locator('summary').focus();
    await page.keyboard.press('Enter');
    assert.equal(await text.isVisible(), true);
  });

  test('a sound is named and not played', async () => {
    const { page } = await harness.open(openedSnapshot([laneTurn()]));
    await page.getByText('Audio, audio/mpeg, 1.2 MB. The server does not send it with the answer.').waitFor();
    assert.equal(await page.locator('audio, video').count(), 0);
  });

  test('all parts are copied as texts', async () => {
    const { page, host } = await harness.open(openedSnapshot([laneTurn()]));
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await until(() => host.argsOf('copy').length === 1);
    assert.deepEqual(host.argsOf('copy'), [{ text: LANE_PARTS.map(({ text }) => text).join('\n\n') }]);
  });

  test('steps are folded under their number, and the newest is shown until the answer comes', async () => {
    const running = sampleTurn('b', 'And then?', '', { state: 'running', steps: ['Getting ready…'] });
    const { page, host } = await harness.open(openedSnapshot([running]));
    await page.locator('summary', { hasText: 'Thinking · 1 step' }).waitFor();
    await page.locator('.outcome', { hasText: 'Getting ready…' }).waitFor();
    const to = { chatId: FIRST_ID, turnId: 'b' };
    host.rpc.fire('delta', { ...to, part: 'steps', text: 'Searching\nReading\n' });
    host.rpc.fire('delta', { ...to, part: 'reasoning', text: 'Hm.' });
    await page.locator('summary', { hasText: 'Thinking · 3 steps' }).waitFor();
    await page.locator('.outcome', { hasText: 'Reading' }).waitFor();
    await page.locator('summary', { hasText: 'Reasoning' }).waitFor();
    assert.deepEqual(await page.locator('.steps li').allTextContents(), ['Getting ready…', 'Searching', 'Reading']);
    host.rpc.fire('delta', { ...to, part: 'llm_1', text: 'It' });
    await page.locator('.outcome', { hasText: 'Answering…' }).waitFor();
  });

  test('a stopped turn says what goes on', async () => {
    const error = { code: 'stopped' as const, message: 'Stopped. The pipeline goes on there.' };
    const { page } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', '', { state: 'stopped', error })]));
    await page.getByText('Stopped. The pipeline goes on there.').waitFor();
  });
});
