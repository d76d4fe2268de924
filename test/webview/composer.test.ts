import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import { ChatError } from '../../src/protocol/chatError.ts';
import { PageHarness } from './support/pageHarness.ts';
import { FIRST_ID, openedSnapshot, SECOND_ID, sampleSnapshot, sampleTurn } from './support/sampleChats.ts';
import { until } from './support/until.ts';

const BOX = '#composer-input';

suite('composer', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  const answered = () => openedSnapshot([sampleTurn('a', 'First?', 'One.'), sampleTurn('b', 'Second?', 'Two.')]);

  test('Enter sends and the box is empty once the question is safe', async () => {
    const { page, host } = await harness.open(answered());
    await page.fill(BOX, 'Third?');
    await page.press(BOX, 'Enter');
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    assert.deepEqual(host.argsOf('send'), [{ chatId: FIRST_ID, text: 'Third?' }]);
    await until(() => host.argsOf('setDraft').length > 0);
    assert.deepEqual(host.argsOf('setDraft').at(-1), { chatId: FIRST_ID, text: '' });
  });

  test('a send that fails keeps the text and says why', async () => {
    const { page, host } = await harness.open(answered());
    host.script.send = async () => {
      throw new ChatError('contended', 'The chat is busy in another window. Try again.');
    };
    await page.fill(BOX, 'Third?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('The chat is busy in another window. Try again.').waitFor();
    assert.equal(await page.inputValue(BOX), 'Third?');
  });

  test('text typed while a question is on its way stays', async () => {
    const { page, host } = await harness.open(answered());
    const gate = Promise.withResolvers<void>();
    host.script.send = async () => gate.promise.then(() => ({ turnId: 'c' }));
    await page.fill(BOX, 'Third?');
    await page.press(BOX, 'Enter');
    await page.fill(BOX, 'Third? And fourth?');
    gate.resolve();
    await page.locator('.send:enabled').waitFor();
    assert.equal(await page.inputValue(BOX), 'Third? And fourth?');
  });

  test('Shift+Enter is a new line and Enter in a composition sends nothing', async () => {
    const { page, host } = await harness.open(answered());
    await page.fill(BOX, 'a');
    await page.press(BOX, 'Shift+Enter');
    await page.dispatchEvent(BOX, 'keydown', { key: 'Enter', isComposing: true, bubbles: true });
    await page.dispatchEvent(BOX, 'keydown', { key: 'Enter', keyCode: 229, bubbles: true });
    await page.locator(BOX).pressSequentially('b');
    assert.equal(await page.inputValue(BOX), 'a\nb');
    assert.deepEqual(host.argsOf('send'), []);
  });

  test('while an answer comes the button stops it and Enter keeps the text', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', '', { state: 'running' })]));
    await page.fill(BOX, 'Next?');
    await page.press(BOX, 'Enter');
    await page
      .locator('#app > [role=status]', { hasText: 'Wait for the answer or stop it' })
      .waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Stop' }).click();
    await until(() => host.argsOf('stop').length === 1);
    assert.deepEqual(host.argsOf('stop'), [{ chatId: FIRST_ID }]);
    assert.deepEqual(host.argsOf('send'), []);
    assert.equal(await page.inputValue(BOX), 'Next?');
  });

  test('a draft is kept after a pause of 300 ms', async () => {
    const { page, host } = await harness.open(answered(), { hasFakeClock: true });
    await page.fill(BOX, 'half');
    await page.clock.runFor(299);
    assert.deepEqual(host.argsOf('setDraft'), []);
    await page.clock.runFor(2);
    await until(() => host.argsOf('setDraft').length === 1);
    assert.deepEqual(host.argsOf('setDraft'), [{ chatId: FIRST_ID, text: 'half' }]);
  });

  test('every chat has its own draft, and typing is not overwritten by a snapshot', async () => {
    const { page, host } = await harness.open(answered());
    await page.fill(BOX, 'half');
    host.push({ chat: { ...host.snapshot.chat, draft: 'older' } });
    host.push({ chat: { ...host.snapshot.chat, chatId: SECOND_ID, draft: 'the other' } });
    await page.waitForFunction(() => document.querySelector('textarea')?.value === 'the other');
    await until(() => host.argsOf('setDraft').length === 1);
    assert.deepEqual(host.argsOf('setDraft'), [{ chatId: FIRST_ID, text: 'half' }]);
  });

  test('the draft is with the host before another chat is opened', async () => {
    const { page, host } = await harness.open(answered());
    await page.fill(BOX, 'half');
    await page.click(`#chat-${SECOND_ID}`);
    await until(() => host.argsOf('openChat').length === 1);
    const order = host.calls.map((call) => call.method).filter((name) => name !== 'ready');
    assert.deepEqual(order, ['setDraft', 'openChat']);
  });

  test('Up at the start and Down at the end bring back earlier questions and the own text', async () => {
    const { page } = await harness.open(answered());
    await page.fill(BOX, 'mine');
    await page.press(BOX, 'Home');
    const seen: string[] = [];
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'End', 'ArrowDown', 'ArrowDown']) {
      await page.press(BOX, key);
      seen.push(await page.inputValue(BOX));
    }
    assert.deepEqual(seen, ['Second?', 'First?', 'First?', 'First?', 'Second?', 'mine']);
  });

  test('a pipeline with unsaved changes is saved by the host, which then sends the draft', async () => {
    const snapshot = answered();
    const { page, host } = await harness.open({ ...snapshot, pipeline: { ...snapshot.pipeline, isDirty: true } });
    await page.fill(BOX, 'Third?');
    await page.getByRole('button', { name: 'Save and Send' }).click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    const made = host.calls.filter(({ method }) => method !== 'ready').map(({ method, args }) => [method, args]);
    const draft = made.findLastIndex(([, args]) => JSON.stringify(args).includes('Third?'));
    assert.deepEqual(made[draft + 1], ['act', { action: 'save-and-send' }]);
    assert.deepEqual(host.argsOf('send'), []);
  });

  test('a pipeline that cannot be asked leaves Send disabled', async () => {
    const snapshot = sampleSnapshot();
    const { page } = await harness.open({ ...snapshot, pipeline: { ...snapshot.pipeline, canSend: false } });
    await page.fill(BOX, 'Why?');
    assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  });

  test('an example fills the box and the host can put the cursor there', async () => {
    const { page, host } = await harness.open(sampleSnapshot());
    await page.getByRole('button', { name: 'Which plan includes single sign-on?' }).click();
    assert.equal(await page.inputValue(`${BOX}:focus`), 'Which plan includes single sign-on?');
    await page.focus('.new-chat');
    host.rpc.fire('focusComposer', { text: 'not taken' });
    await page.locator(`${BOX}:focus`).waitFor();
    assert.equal(await page.inputValue(BOX), 'Which plan includes single sign-on?');
  });
});
