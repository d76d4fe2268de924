import type { Browser, Page } from 'playwright-core';
import type { ViewSnapshot } from '../../../src/protocol/model.ts';
import { launchChromium } from '../../support/chromium.ts';
import { FakeHost } from './fakeHost.ts';
import { buildPage } from './pageBuild.ts';
import { type PageServer, servePage } from './pageServer.ts';

export interface PageOptions {
  readonly theme?: string;
  readonly width?: number;
  readonly height?: number;
  /** Without the content security policy, to see that nothing depends on it. */
  readonly isUnprotected?: boolean;
  /** The page's clock stands still until it is moved. */
  readonly hasFakeClock?: boolean;
  readonly isMotionReduced?: boolean;
  /** Does not wait for the page to be drawn. */
  readonly isImpatient?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  readonly host: FakeHost;
}

/** One browser and one server for a suite; every page has a host of its own. */
export class PageHarness {
  readonly #browser: Browser;
  readonly #server: PageServer;
  #open: Page | undefined;

  private constructor(browser: Browser, server: PageServer) {
    this.#browser = browser;
    this.#server = server;
  }

  static async start(): Promise<PageHarness> {
    const [browser, folder] = await Promise.all([launchChromium(), buildPage()]);
    return new PageHarness(browser, await servePage(folder));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }

  /** Opens the page; the one that was open before is closed. */
  async open(snapshot: ViewSnapshot, options: PageOptions = {}): Promise<OpenPage> {
    const { theme = 'dark', width = 900, height = 700 } = options;
    await this.#open?.close();
    const page = await this.#browser.newPage({
      viewport: { width, height },
      reducedMotion: options.isMotionReduced ? 'reduce' : 'no-preference',
    });
    this.#open = page;
    page.setDefaultTimeout(5000);
    if (options.hasFakeClock) {
      await page.clock.install();
      await page.clock.pauseAt(Date.now() + 1000);
    }
    let posted = Promise.resolve();
    const host = new FakeHost(snapshot, (message) => {
      // A page that was closed meanwhile misses the message, as it does in VS Code.
      const deliver = () => page.evaluate((data) => window.postMessage(data, '*'), message).catch(() => undefined);
      posted = posted.then(deliver);
    });
    await page.exposeFunction('postToHost', (message: unknown) => host.receive(message));
    await page.addInitScript(offerVsCodeApi);
    await page.goto(`${this.#server.origin}/?theme=${theme}${options.isUnprotected ? '&csp=off' : ''}`);
    if (!options.isImpatient) await page.waitForSelector('#composer-input');
    return { page, host };
  }
}

/** Runs in the page before its own scripts. State outlives a reload as it does in VS Code. */
function offerVsCodeApi(): void {
  const post: unknown = Reflect.get(window, 'postToHost');
  Reflect.set(window, 'acquireVsCodeApi', () => ({
    postMessage: (message: unknown) => typeof post === 'function' && post(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  }));
}
