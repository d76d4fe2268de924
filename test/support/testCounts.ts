import * as z from 'zod/mini';

const testCounts = z.object({ passed: z.number(), failed: z.number() });
/** How many tests ran, and how they ended. */
export type TestCounts = z.infer<typeof testCounts>;

/** Undefined when `value` is not a count. */
export function parseTestCounts(value: unknown): TestCounts | undefined {
  const parsed = testCounts.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export function addTestCounts(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((sum, one) => sum + one.passed, 0),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
  };
}

/** Tells the counts to the process that started this one, then ends. */
export function exitWithCounts(counts: TestCounts): void {
  const end = () => process.exit(counts.failed > 0 ? 1 : 0);
  if (process.send) process.send(counts, undefined, undefined, end);
  else end();
}
