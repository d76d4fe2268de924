const HEARTBEAT_MS = 15_000;

/** Prints that `title` is under way, and how long it took. Failures are the caller's to report. */
export async function showProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const isTerminal = process.stdout.isTTY === true;
  console.log(`${title} …`);
  const ticking = isTerminal
    ? setInterval(() => process.stdout.write(`\r  ${seconds()} `), 1000)
    : setInterval(() => console.log(`${title}: still at it, ${seconds()}`), HEARTBEAT_MS);
  try {
    const result = await work();
    console.log(`${isTerminal ? '\r' : ''}${title}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}
