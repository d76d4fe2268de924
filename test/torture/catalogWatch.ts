import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAUSE_MS = 4;

/** Reads the catalog again and again: whole at any time, and `version` never goes back. */
export class CatalogWatch {
  readonly violations: string[] = [];
  #reads = 0;
  #version = 0;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;

  constructor(root: string) {
    this.#path = join(root, 'catalog.json');
    this.#timer = setInterval(() => this.#look(), PAUSE_MS);
  }

  get reads(): number {
    return this.#reads;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  #look(): void {
    try {
      const { version } = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (version < this.#version) this.violations.push(`catalog: version ${version} after ${this.#version}`);
      this.#version = version;
      this.#reads += 1;
    } catch (error) {
      const isNotThereYet = this.#reads === 0 && error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isNotThereYet) this.violations.push(`catalog: ${error}`);
    }
  }
}
