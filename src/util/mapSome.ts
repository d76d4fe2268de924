const AT_ONCE = 16;
/** How long other work of this process may have to wait, in milliseconds. */
const STRETCH_MS = 10;

/** Does the work for every item, sixteen at a time, with pauses for others; the results are in the order of the items. */
export async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const entries = items.entries();
  let since = performance.now();
  const worker = async () => {
    for (const [at, item] of entries) {
      results[at] = await work(item);
      if (performance.now() - since < STRETCH_MS) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
