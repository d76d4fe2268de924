/**
 * Calls `stop` once when this process is asked to end: Ctrl+C, a signal, or the end of the process that started it.
 * The process ends with `exitCode` when `stop` is done.
 */
export function onStopRequest(exitCode: number, stop: () => Promise<void>): void {
  let isStopping = false;
  const end = () => {
    if (isStopping) return;
    isStopping = true;
    void stop().finally(() => process.exit(exitCode));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.once('disconnect', end);
  // Listening to the starter must not keep this process alive.
  process.channel?.unref();
}
