import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import type { Page } from 'playwright-core';
import { ChatError } from '../../src/protocol/chatError.ts';
import { PageHarness } from './support/pageHarness.ts';
import { FIRST_ID, openedSnapshot, RICH_ANSWER, sampleSnapshot, sampleTurn } from './support/sampleChats.ts';
import { until } from './support/until.ts';

const LONG = Array.from({ length: 40 }, (_, at) => `Paragraph ${at}.`).join('\n\n');

suite('transcript', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  const status = (page: Page, text: string) =>
    page.locator('#app > [role=status]', { hasText: text }).waitFor({ state: 'attached' });
  const restToEnd = (page: Page) =>
    page.locator('#transcript').evaluate((box) => Math.round(box.scrollHeight - box.clientHeight - box.scrollTop));
  const running = (text = '') => sampleTurn('b', 'And then?', text, { state: 'running' });

  test('a snapshot with a lower number is dropped', async () => {
    const { page, host } = await harness.open({ ...openedSnapshot([sampleTurn('a', 'Why?', 'Newer.')]), rev: 7 });
    host.rpc.fire('snapshot', { ...openedSnapshot([sampleTurn('a', 'Why?', 'Older.')]), rev: 6 });
    host.rpc.fire('snapshot', {
      ...openedSnapshot([sampleTurn('a', 'Why?', 'Newer.'), sampleTurn('c', 'So?', 'Newest.')]),
      rev: 8,
    });
    await page.getByText('Newest.').waitFor();
    assert.equal(await page.getByText('Older.').count(), 0);
  });

  test('streamed text is appended to its part, a new part has its label, thinking is folded', async () => {
    const { page, host } = await harness.open(openedSnapshot([running('Git does')]));
    const to = { chatId: FIRST_ID, turnId: 'b' };
    host.rpc.fire('delta', { ...to, part: 'answer', text: ' **not**.' });
    host.rpc.fire('delta', { ...to, part: 'sources', label: 'Sources', text: 'One' });
    host.rpc.fire('delta', { ...to, part: 'reasoning', text: 'Hidden thought' });
    await page.locator('.part strong', { hasText: 'not' }).waitFor();
    await page.locator('.part-label', { hasText: 'Sources' }).waitFor();
    assert.equal(await page.getByText('Hidden thought').isVisible(), false);
  });

  test('finished blocks of a running answer are not drawn again', async () => {
    const { page, host } = await harness.open(openedSnapshot([running('First block.\n\nSecond')]));
    const first = await page.locator('.prose > p').first().elementHandle();
    host.rpc.fire('delta', { chatId: FIRST_ID, turnId: 'b', part: 'answer', text: ' grows.\n\n```ts\nconst a' });
    await page.locator('pc-code-block', { hasText: 'const a' }).waitFor();
    assert.equal(await first?.evaluate((element) => element.isConnected), true);
    assert.equal(await page.locator('[class^=hljs]').count(), 0);
    host.rpc.fire('delta', { chatId: FIRST_ID, turnId: 'b', part: 'answer', text: ' = 1;\n```\n' });
    await page.locator('.hljs-keyword', { hasText: 'const' }).waitFor();
  });

  test('the transcript follows a reader at the end and leaves one who went up', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', LONG), running('Start')]));
    const grow = () => host.rpc.fire('delta', { chatId: FIRST_ID, turnId: 'b', part: 'answer', text: `\n\n${LONG}` });
    grow();
    await page.waitForFunction(() => document.querySelectorAll('.prose > p').length > 75);
    assert.equal(await restToEnd(page), 0);
    await page.hover('#transcript');
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
    const before = await page.locator('#transcript').evaluate((box) => box.scrollTop);
    grow();
    await page.waitForFunction(() => document.querySelectorAll('.prose > p').length > 115);
    assert.equal(await page.locator('#transcript').evaluate((box) => box.scrollTop), before);
    await page.getByRole('button', { name: 'Jump to newest' }).click();
    assert.equal(await restToEnd(page), 0);
  });

  test('older turns come in above without moving the text in sight', async () => {
    const turn = sampleTurn('b', 'Second?', LONG);
    const snapshot = openedSnapshot([turn]);
    const { page, host } = await harness.open({ ...snapshot, chat: { ...snapshot.chat, hasOlder: true } });
    await page.locator('#transcript').evaluate((box) => box.scrollTo(0, 0));
    const top = () => page.locator('#turn-b').evaluate((element) => Math.round(element.getBoundingClientRect().top));
    const before = await top();
    await page.getByRole('button', { name: 'Show older turns' }).click();
    await until(() => host.argsOf('loadOlder').length === 1);
    host.push({ chat: { ...host.snapshot.chat, turns: [sampleTurn('a', 'First?', LONG), turn] } });
    await page.locator('#turn-a').waitFor({ state: 'attached' });
    assert.ok(Math.abs((await top()) - before) < 12, `moved from ${before} to ${await top()}`);
  });

  for (const [state, sentence] of [
    ['done', 'Answer received'],
    ['stopped', 'Answer stopped'],
    ['failed', 'Answer failed: The model is busy.'],
  ] as const) {
    test(`an answer that is ${state} is announced once and not while it streams`, async () => {
      const { page, host } = await harness.open(openedSnapshot([running()]));
      host.rpc.fire('delta', { chatId: FIRST_ID, turnId: 'b', part: 'answer', text: 'Streamed' });
      await page.locator('.prose', { hasText: 'Streamed' }).waitFor();
      assert.equal((await page.locator('#app > [role=status]').textContent())?.trim(), '');
      const error = { code: 'rate-limited' as const, message: 'The model is busy.' };
      host.push({
        chat: {
          ...host.snapshot.chat,
          turns: [{ ...running('Streamed'), state, error: state === 'failed' ? error : undefined }],
        },
      });
      await status(page, sentence);
    });
  }

  test('that a server is back is announced once, and no try in between', async () => {
    const snapshot = openedSnapshot([sampleTurn('a', 'Why?', 'Because.')]);
    const offline = { id: 'server/offline', severity: 'warning' as const, message: 'It is away.', actions: [] };
    const { page, host } = await harness.open({ ...snapshot, notices: [offline] });
    const voice = page.locator('.visually-hidden[role="status"]');
    host.push({ notices: [{ ...offline, id: 'server/connecting', message: 'Connecting…' }] });
    await page.getByText('Connecting…').waitFor();
    assert.equal((await voice.innerText()).trim(), '');
    host.push({ notices: [] });
    await voice.getByText('The problem with the server is over').waitFor();
  });

  test('a chat of which nothing can be read offers no questions to ask, and can be renamed', async () => {
    const snapshot = openedSnapshot([]);
    const { page } = await harness.open({ ...snapshot, chat: { ...snapshot.chat, isReadOnly: true } });
    await page.getByText('Nothing to show').waitFor();
    assert.equal(await page.locator('.example').count(), 0);
    await page.click('#chat-title');
    await page.locator('.chat-title .title-input:focus').waitFor();
  });

  test('an interrupted turn can be asked again, kept or discarded', async () => {
    const { page, host } = await harness.open(
      openedSnapshot([sampleTurn('x', 'Why?', 'Half', { state: 'interrupted' })]),
    );
    for (const name of ['Retry', 'Keep', 'Discard']) {
      const asked = host.argsOf('resolveTurn').length;
      await page.locator('.outcome-actions').getByRole('button', { name }).click();
      await until(() => host.argsOf('resolveTurn').length === asked + 1);
      await page.locator('.outcome-actions button:disabled').waitFor({ state: 'detached' });
    }
    const base = { chatId: FIRST_ID, turnId: 'x' };
    assert.deepEqual(
      host.argsOf('resolveTurn'),
      ['retry', 'keep', 'discard'].map((how) => ({ ...base, how })),
    );
  });

  test('a chat that is being read has its outline, and neither questions to start with nor the words of an empty one', async () => {
    const snapshot = openedSnapshot([]);
    const { page } = await harness.open({ ...snapshot, chat: { ...snapshot.chat, isLoading: true } });
    await page.getByRole('img', { name: 'Loading the chat' }).waitFor();
    assert.equal(await page.locator('.empty-chat').count(), 0);
    assert.equal(await page.locator('#composer-input').isVisible(), true);
  });

  test('a turn that lost its server offers to ask again, and nothing else', async () => {
    const error = { code: 'server-offline' as const, message: 'The connection was lost.' };
    const { page } = await harness.open(openedSnapshot([sampleTurn('a', 'One', '', { state: 'failed', error })]));
    const buttons = page.locator('.outcome-actions button');
    assert.deepEqual(await buttons.allInnerTexts(), ['Retry']);
  });

  test('a missing key offers to set it and a defect shows the log', async () => {
    const failed = (id: string, code: 'missing-key' | 'internal') =>
      sampleTurn(id, 'Why?', '', { state: 'failed', error: { code, message: 'It did not work.' } });
    const { page, host } = await harness.open(openedSnapshot([failed('a', 'missing-key'), failed('b', 'internal')]));
    await page.getByRole('button', { name: 'Set Model Key…' }).click();
    await page.getByRole('button', { name: 'Show Log' }).click();
    await until(() => host.argsOf('act').length === 2);
    assert.deepEqual(host.argsOf('act'), [{ action: 'set-secret' }, { action: 'show-log' }]);
  });

  test('a link is handed to the host and the page stays', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', RICH_ANSWER)]));
    const before = page.url();
    await page.getByRole('link', { name: 'Git documentation' }).click();
    await page.getByRole('link', { name: 'Git documentation' }).click({ button: 'middle' });
    await until(() => host.argsOf('openLink').length === 2);
    assert.deepEqual(host.argsOf('openLink')[0], { href: 'https://git-scm.com/docs/githooks' });
    assert.equal(page.url(), before);
  });

  test('code and answers are copied by the host', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', 'See\n\n```ts\nlet a;\n```')]));
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await until(() => host.argsOf('copy').length === 2);
    assert.deepEqual(host.argsOf('copy'), [{ text: 'let a;\n' }, { text: 'See\n\n```ts\nlet a;\n```' }]);
  });

  test('no two elements share an id and every turn is named with its place', async () => {
    const turns = ['a', 'b', 'c'].map((id) => sampleTurn(id, `Question ${id}`, RICH_ANSWER));
    const { page } = await harness.open(openedSnapshot(turns));
    const ids = await page.locator('[id]').evaluateAll((all) => all.map((element) => element.id));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(await page.locator('#turn-c').getAttribute('aria-label'), 'Turn 3, You asked: Question c');
    await page.focus('#turn-c');
    await page.keyboard.press('PageUp');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'turn-b');
  });

  test('a host that does not answer is asked again by a button', async () => {
    const { page, host } = await harness.open(sampleSnapshot(), { isImpatient: true });
    host.script.ready = async () => {
      throw new ChatError('storage', 'The chats could not be read.');
    };
    await page.reload();
    await page.getByText('The chats could not be read.').waitFor();
    host.script = {};
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.locator('#composer-input').waitFor();
  });

  test('a reload comes back to the same place of the same chat', async () => {
    const { page } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', LONG)]));
    await page.locator('#transcript').evaluate((box) => box.scrollTo(0, 300));
    await page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"scrollTop":300'));
    await page.reload();
    await page.waitForFunction(() => document.getElementById('transcript')?.scrollTop === 300);
  });

  test('with reduced motion nothing moves and the words say that an answer comes', async () => {
    const { page } = await harness.open(openedSnapshot([running()]), { isMotionReduced: true });
    await page.getByText('Answering…').waitFor();
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  });
});
