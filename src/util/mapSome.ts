import { Pace } from './pace.ts';

const AT_ONCE = 16;

/** Does the work for every item, some at a time, with pauses for others; the results are in the order of the items. */
export async function mapSome<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce: number = AT_ONCE,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const entries = items.entries();
  const pace = new Pace();
  const worker = async () => {
    for (const [at, item] of entries) {
      results[at] = await work(item);
      await pace.rest();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
