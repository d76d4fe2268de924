import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A real disk of half a megabyte that a test can fill and write-protect. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts one over a folder. undefined where that is not allowed; the reason is printed. */
  static mount(folder: string): SmallDisk | undefined {
    try {
      run('mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder);
      return new SmallDisk(folder);
    } catch (error) {
      console.log(`  No disk can be mounted here, so tests of full and read-only disks are skipped: ${error}`);
      return undefined;
    }
  }

  /** Leaves `freeBytes` (whole pages of 4,096) for others. */
  fill(freeBytes: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    writeFileSync(join(this.folder, 'filler'), Buffer.alloc(bavail * bsize - freeBytes));
  }

  free(): void {
    rmSync(join(this.folder, 'filler'));
  }

  /** Refused while a file is open for writing. */
  makeReadOnly(): void {
    run('mount', '-o', 'remount,ro', this.folder);
  }

  unmount(): void {
    // Lazily: windows may have files open.
    run('umount', '-l', this.folder);
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}
