/** How long other work of this process may have to wait, in milliseconds. */
const STRETCH_MS = 10;

/** Keeps long work from holding up everything else in this process. */
export class Pace {
  #since = performance.now();

  /** To be awaited often: gives way to others when the work has been going on for a while. */
  async rest(): Promise<void> {
    if (performance.now() - this.#since < STRETCH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
  }
}
