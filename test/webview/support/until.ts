const LIMIT_MS = 4000;

/** Waits until a fact of the test's own process holds; the browser's facts are awaited by Playwright. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`It did not come true within ${LIMIT_MS} ms: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
