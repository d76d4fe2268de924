import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import type { Page } from 'playwright-core';
import { PageHarness } from './support/pageHarness.ts';
import {
  FIRST_ID,
  openedSnapshot,
  SECOND_ID,
  sampleRow,
  sampleSnapshot,
  sampleTurn,
  THIRD_ID,
} from './support/sampleChats.ts';
import { until } from './support/until.ts';

suite('chat list', () => {
  let harness: PageHarness;
  suiteSetup(async () => {
    harness = await PageHarness.start();
  });
  suiteTeardown(() => harness.close());

  const row = (page: Page, chatId: string) => page.locator('.chat-row', { has: page.locator(`#chat-${chatId}`) });
  const remove = (page: Page, chatId: string) => row(page, chatId).locator('.delete');
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

  test('the open chat is the current one and a click opens another', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', 'Because.')]));
    assert.equal(await page.locator('[aria-current="true"]').getAttribute('id'), `chat-${FIRST_ID}`);
    await page.click(`#chat-${SECOND_ID}`);
    await until(() => host.argsOf('openChat').length === 1);
    assert.deepEqual(host.argsOf('openChat'), [{ chatId: SECOND_ID }]);
  });

  test('chats that are not listed yet, or can not be, are told apart from none', async () => {
    const { page, host } = await harness.open(sampleSnapshot({ chats: [], unlisted: 'coming' }));
    const line = (text: string) => page.locator('.list-empty', { hasText: text });
    await line('Fetching the chats').waitFor();
    host.push({ unlisted: 'unavailable' });
    await line("can't be listed now").waitFor();
    host.push({ chats: sampleSnapshot().chats });
    await row(page, FIRST_ID).waitFor();
    assert.equal(await line("can't be listed now").count(), 1);
    host.push({ chats: [], unlisted: undefined });
    await line('No saved chats').waitFor();
  });

  test('the first click on delete arms with words, the second deletes', async () => {
    const { page, host } = await harness.open(sampleSnapshot());
    await row(page, FIRST_ID).hover();
    await remove(page, FIRST_ID).click();
    await page.getByText('Click again to delete').waitFor();
    assert.match(
      (await page.locator('#app > [role=status]').textContent()) ?? '',
      /Press Delete again to delete How do I/,
    );
    assert.deepEqual(host.argsOf('deleteChat'), []);
    await remove(page, FIRST_ID).click();
    await until(() => host.argsOf('deleteChat').length === 1);
    assert.deepEqual(host.argsOf('deleteChat'), [{ chatId: FIRST_ID }]);
  });

  for (const [how, leave] of Object.entries({
    Escape: (page: Page) => page.keyboard.press('Escape'),
    'leaving the row': (page: Page) => page.focus('#composer-input'),
    'another row': (page: Page) => remove(page, SECOND_ID).click(),
  })) {
    test(`${how} disarms a delete`, async () => {
      const { page, host } = await harness.open(sampleSnapshot());
      await remove(page, FIRST_ID).click();
      await leave(page);
      await page.waitForFunction((id) => !document.getElementById(id)?.closest('.is-armed'), `chat-${FIRST_ID}`);
      assert.deepEqual(host.argsOf('deleteChat'), []);
    });
  }

  test('an armed delete is disarmed after deleteArmedSeconds and not before', async () => {
    const { page, host } = await harness.open(sampleSnapshot(), { hasFakeClock: true });
    await remove(page, FIRST_ID).click();
    await page.clock.runFor(5900);
    assert.equal(await page.locator('.is-armed').count(), 1);
    await page.clock.runFor(200);
    assert.equal(await page.locator('.is-armed').count(), 0);
    assert.deepEqual(host.argsOf('deleteChat'), []);
  });

  test('the arrow keys, Home and End walk over the rows and Enter opens', async () => {
    const { page, host } = await harness.open(sampleSnapshot());
    await page.focus(`#chat-${FIRST_ID}`);
    for (const [key, expected] of [
      ['ArrowDown', SECOND_ID],
      ['End', THIRD_ID],
      ['ArrowDown', THIRD_ID],
      ['ArrowUp', SECOND_ID],
      ['Home', FIRST_ID],
    ]) {
      await page.keyboard.press(key ?? '');
      assert.equal(await focused(page), `chat-${expected}`);
    }
    assert.equal(await page.locator('.row-main[tabindex="0"]').count(), 1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until(() => host.argsOf('openChat').length === 1);
    assert.deepEqual(host.argsOf('openChat'), [{ chatId: SECOND_ID }]);
  });

  test('Delete arms, a second Delete deletes and the focus goes to the next row', async () => {
    const { page, host } = await harness.open(sampleSnapshot());
    await page.focus(`#chat-${SECOND_ID}`);
    await page.keyboard.press('Delete');
    await page.locator('.is-armed').waitFor();
    await page.keyboard.press('Delete');
    await until(() => host.argsOf('deleteChat').length === 1);
    assert.equal(await focused(page), `chat-${THIRD_ID}`);
  });

  for (const [key, isSaved] of [
    ['Enter', true],
    ['Escape', false],
  ] as const) {
    test(`${key} ${isSaved ? 'saves' : 'does not save'} a new title and gives the focus back`, async () => {
      const { page, host } = await harness.open(sampleSnapshot());
      await page.focus(`#chat-${FIRST_ID}`);
      await page.keyboard.press('F2');
      await page.locator('.chat-row .title-input:focus').fill('Hooks');
      await page.keyboard.press(key);
      await page.locator(`#chat-${FIRST_ID}:focus`).waitFor();
      const expected = isSaved ? [{ chatId: FIRST_ID, patch: { title: 'Hooks' } }] : [];
      await until(() => host.argsOf('updateChat').length === expected.length);
      assert.deepEqual(host.argsOf('updateChat'), expected);
    });
  }

  test('leaving the box saves a new title once', async () => {
    const { page, host } = await harness.open(openedSnapshot([sampleTurn('a', 'Why?', 'Because.')]));
    await page.click('#chat-title');
    await page.locator('.chat-title .title-input:focus').fill('Hooks');
    await page.focus('#composer-input');
    await until(() => host.argsOf('updateChat').length === 1);
    assert.deepEqual(host.argsOf('updateChat'), [{ chatId: FIRST_ID, patch: { title: 'Hooks' } }]);
  });

  test('a chat that cannot be read says why in its row', async () => {
    const chats = [sampleRow(FIRST_ID, 'Broken', { problem: 'The transcript could not be read.' })];
    const { page } = await harness.open(sampleSnapshot({ chats }));
    await page.locator('.chat-row .codicon-warning').waitFor();
    await page.getByText('The transcript could not be read.').waitFor();
    assert.match((await page.locator('.row-main').getAttribute('title')) ?? '', /^Broken\nThe transcript could not/);
  });

  test('a chat that is kept elsewhere says where, in its row and in its tooltip', async () => {
    const chats = [sampleRow(FIRST_ID, 'Far away', { place: 'RocketRide server' }), sampleRow(SECOND_ID, 'Here')];
    const { page } = await harness.open(sampleSnapshot({ chats }));
    assert.match(await row(page, FIRST_ID).innerText(), /RocketRide server · Hooks/);
    assert.match((await page.getAttribute(`#chat-${FIRST_ID}`, 'title')) ?? '', /Kept in RocketRide server/);
    assert.doesNotMatch(await row(page, SECOND_ID).innerText(), /·/);
  });

  test('a pinned chat is marked, also for those who hear it, and its button unpins it', async () => {
    const chats = [
      sampleRow(FIRST_ID, 'Kept at hand', { isPinned: true }),
      sampleRow(SECOND_ID, 'Another', { updated: new Date().toISOString() }),
    ];
    const { page, host } = await harness.open(sampleSnapshot({ chats }));
    await page.locator('.chat-row .row-title .codicon-pinned').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Pinned: Kept at hand/ }).count(), 1);
    await row(page, FIRST_ID).hover();
    await page.getByRole('button', { name: 'Unpin Kept at hand' }).click();
    await page.getByRole('button', { name: 'Pin Another' }).click();
    await until(() => host.argsOf('updateChat').length === 2);
    assert.deepEqual(host.argsOf('updateChat'), [
      { chatId: FIRST_ID, patch: { pinned: false } },
      { chatId: SECOND_ID, patch: { pinned: true } },
    ]);
  });

  test('archived chats are left out and counted, but for the one that is open', async () => {
    const chats = [FIRST_ID, SECOND_ID, THIRD_ID].map((id) => sampleRow(id, `Old ${id[0]}`, { isArchived: true }));
    const { page } = await harness.open({ ...openedSnapshot([sampleTurn('a', 'Why?', 'Because.')]), chats });
    await page.getByText('2 archived', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('.row-main').evaluateAll((rows) => rows.map(({ id }) => id)), [
      `chat-${FIRST_ID}`,
    ]);
  });

  test('a narrow panel folds the list into a button that lays it over the transcript', async () => {
    const { page } = await harness.open(sampleSnapshot(), { width: 320 });
    assert.equal(await page.locator('.chat-list').count(), 0);
    await page.getByRole('button', { name: 'Show chats' }).click();
    await page.focus(`#chat-${FIRST_ID}`);
    await page.keyboard.press('Escape');
    await page.locator('.chat-list').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    await page.getByRole('button', { name: 'Show chats' }).click();
    await page.getByRole('button', { name: 'Hide chats' }).click();
    await page.locator('.chat-list').waitFor({ state: 'detached' });
  });

  test('a wide panel puts its list away and brings it back', async () => {
    const { page } = await harness.open(sampleSnapshot());
    await page.getByRole('button', { name: 'Hide chats' }).click();
    await page.locator('.chat-list').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show chats' }).click();
    await page.locator('.chat-list').waitFor();
  });
});
