/** One piece of work that waits; setting it again forgets what waited before. */
export class Timer {
  #handle: number | undefined;

  restart(delayMs: number, work: () => void): void {
    this.cancel();
    this.#handle = window.setTimeout(() => {
      this.#handle = undefined;
      work();
    }, delayMs);
  }

  cancel(): void {
    window.clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
