import type { BenchResult } from './run.ts';

/** Work to be timed; what has to be done before and after each time is not counted. */
export interface Timed {
  readonly before?: () => Promise<void>;
  readonly work: () => Promise<unknown>;
  readonly after?: () => Promise<void>;
}

export interface Row {
  readonly bench: string;
  readonly size: number | string;
  readonly value: Timed;
  readonly floor?: Timed;
}

/**
 * Median milliseconds of each row and of its floor. Every round does all of them once, so that what disturbs the
 * machine for a while disturbs them alike; every other round goes backwards, so that none profits from its neighbour.
 */
export async function interleave(rows: readonly Row[], rounds: number, warmUp = 5): Promise<BenchResult[]> {
  const timings = rows.map((row) => ({ row, value: [] as number[], floor: [] as number[] }));
  const steps = timings.flatMap(({ row, value, floor }) => [
    ...(row.floor ? [{ timed: row.floor, times: floor }] : []),
    { timed: row.value, times: value },
  ]);
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const { timed, times } of round % 2 === 0 ? steps : steps.toReversed()) {
      const ms = await once(timed);
      if (round >= 0) times.push(ms);
    }
  }
  return timings.map(({ row, value, floor }) => ({
    bench: row.bench,
    size: row.size,
    value: median(value),
    unit: 'ms',
    ...(row.floor ? { floor: median(floor) } : {}),
  }));
}

/** The same results; the last one also says what it costs against the first. */
export function withGrowth(results: readonly BenchResult[]): BenchResult[] {
  const first = results[0];
  return results.map((result, at) =>
    first && at === results.length - 1 ? { ...result, growth: result.value / first.value } : result,
  );
}

async function once({ before, work, after }: Timed): Promise<number> {
  await before?.();
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  await after?.();
  return ms;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
