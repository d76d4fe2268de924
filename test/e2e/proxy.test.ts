import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import type { ChatPage } from '../support/chatPage.ts';
import { ChatWorld } from '../support/chatWorld.ts';
import { QuickInput } from '../support/quickInput.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recordingProxy.ts';

suite('the proxy that VS Code is set to', function () {
  this.timeout(120_000);
  let proxy: RecordingProxy;
  let world: ChatWorld;
  let window: ChatPage;

  suiteSetup(async () => {
    proxy = await startRecordingProxy();
    world = await ChatWorld.start({ settings: { 'http.proxy': proxy.url } });
  });
  suiteTeardown(async () => {
    await world.close();
    await proxy.close();
  });
  setup(() => world.resetWorkspace());
  teardown(async function () {
    if (this.currentTest?.isFailed()) await window.screenshot(`failed ${this.currentTest.title}`);
    await world.closeWindows();
  });

  test('is asked for the way to a model', async () => {
    const path = join(world.workspace, 'assistant.pipe');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/http:\/\/127\.0\.0\.1:\d+\/v1/, 'https://model.test/v1'));
    window = await world.openWindow();
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    await window.ask('Are you there?');
    await tunnelTo('model.test:443');
  });

  test('is asked for the way to a RocketRide server', async () => {
    const settings = { 'pipelineChat.engine': 'server', 'pipelineChat.server.url': 'https://rocketride.test' };
    mkdirSync(join(world.workspace, '.vscode'));
    writeFileSync(join(world.workspace, '.vscode/settings.json'), JSON.stringify(settings));
    window = await world.openWindow();
    await window.openPipeline('assistant.pipe');
    await window.openChatBeside();
    const input = new QuickInput(window.page);
    await input.start('Set Server Key…');
    await input.asks('Key of');
    await window.page.keyboard.type('key');
    await window.page.keyboard.press('Enter');
    await tunnelTo('rocketride.test:5565');
    const frame = await window.chatFrame();
    await frame
      .locator('.notice', { hasText: /proxy|server/i })
      .first()
      .waitFor();
    await window.screenshot('server behind a proxy');
  });

  async function tunnelTo(place: string): Promise<void> {
    const until = Date.now() + 30_000;
    while (!proxy.tunnels.includes(place)) {
      assert.ok(Date.now() < until, `the proxy was asked for ${proxy.tunnels.join(', ') || 'nothing'}`);
      await window.page.waitForTimeout(100);
    }
  }
});
