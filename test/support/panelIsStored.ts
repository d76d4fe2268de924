import type { Page } from 'playwright-core';

/**
 * Waits until VS Code has written down which chat the window shows, which it does every few seconds.
 * A window that ends before, or whose extension host is gone when it writes, comes back without the panel.
 */
export async function panelIsStored(page: Page, limitMs = 30_000): Promise<void> {
  for (const started = Date.now(); Date.now() - started < limitMs; await page.waitForTimeout(200)) {
    const editors = await page.evaluate(readStoredEditors);
    // The page's own state comes a moment after its panel; without it the panel can't be brought back.
    if (editors.some((text) => text.includes('pipelineChat.panel') && /chatId\W+[0-9a-f]{8}-/.test(text))) return;
  }
  throw new Error(`VS Code did not store the chat panel in ${limitMs / 1000} s.`);
}

/** Runs in the browser: nothing of this module is in reach. */
async function readStoredEditors(): Promise<string[]> {
  const databases = await indexedDB.databases();
  const texts = databases.map(
    ({ name = '' }) =>
      new Promise<string>((done) => {
        if (!name.startsWith('vscode-web-state-db')) return done('');
        const opening = indexedDB.open(name);
        opening.onerror = () => done('');
        opening.onsuccess = () => {
          const database = opening.result;
          const close = (text: string) => {
            database.close();
            done(text);
          };
          if (!database.objectStoreNames.contains('ItemTable')) return close('');
          const reading = database
            .transaction('ItemTable')
            .objectStore('ItemTable')
            .get('memento/workbench.parts.editor');
          reading.onerror = () => close('');
          reading.onsuccess = () => close(String(reading.result));
        };
      }),
  );
  return Promise.all(texts);
}
