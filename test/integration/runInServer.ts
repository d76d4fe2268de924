import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { projectPaths } from '../support/projectPaths.ts';
import { VsCodeServer } from '../support/vscodeServer.ts';
import type { HostRun } from './runInHost.ts';
import { testLines } from './runTestLine.ts';

/** Runs the suite in the extension host of a VS Code window in Chromium; resolves when the suite has ended. */
export async function runInServer({ suite, workspace, extension, env, limitMs }: HostRun): Promise<void> {
  const server = await VsCodeServer.start({ env, extension });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      for (const line of testLines(args.join(' '))) console.log(line);
    });
    const ended = suiteEnd(page, limitMs);
    await page.goto(server.url(workspace, { tests: suite }));
    try {
      await ended;
    } catch (error) {
      await page.screenshot({ path: join(projectPaths.out, 'integration-failed.png') });
      throw error;
    }
  } finally {
    await browser.close();
    await server.kill();
  }
}

function suiteEnd(page: Page, limitMs: number): Promise<void> {
  return new Promise((done, fail) => {
    const limit = setTimeout(() => fail(new Error(`The suite did not end in ${limitMs / 1000} s.`)), limitMs);
    const end = (how: () => void) => {
      clearTimeout(limit);
      how();
    };
    page.on('crash', () => end(() => fail(new Error('The window crashed.'))));
    page.exposeFunction('codeAutomationExit', () => end(done)).catch(fail);
  });
}
