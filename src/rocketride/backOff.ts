export interface BackOffTimes {
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/**
 * How long to wait before the next try after so many that failed in a row (from 1), in milliseconds. Half of it is
 * random: windows that lost a server at the same time do not come back at the same time.
 */
export function backOff(
  failures: number,
  { firstRetryMs, longestRetryMs }: BackOffTimes,
  random: () => number,
): number {
  const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 30));
  return longest * (0.5 + random() / 2);
}
