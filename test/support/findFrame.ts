import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Page } from 'playwright-core';

const POLL_MS = 100;

/** The page inside a webview that shows `selector`. VS Code nests each webview's own page in two frames. */
export async function findFrame(
  page: Page,
  selector: string,
  { at, limitMs }: { at: number; limitMs: number },
): Promise<Frame> {
  for (const started = Date.now(); Date.now() - started < limitMs; await sleep(POLL_MS)) {
    const shown = await Promise.all(page.frames().map((frame) => shows(frame, selector)));
    const frame = page.frames().filter((_, index) => shown[index])[at];
    if (frame) return frame;
  }
  throw new Error(`No webview showed ${selector} in ${limitMs / 1000} s.`);
}

async function shows(frame: Frame, selector: string): Promise<boolean> {
  if (!frame.url().includes('fake.html')) return false;
  try {
    return await frame.locator(selector).isVisible();
  } catch {
    return false; // the frame went away while we looked
  }
}
