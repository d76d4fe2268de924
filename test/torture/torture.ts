import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { killRounds } from './killRounds.ts';
import { foughtOver, manyChanges } from './manyChanges.ts';
import { manySends } from './manySends.ts';
import { onServer } from './onServer.ts';
import { Random } from './random.ts';
import { suspended } from './suspended.ts';
import { type PartResult, TortureGround } from './tortureGround.ts';

interface Part {
  readonly name: string;
  /** Of the time that there is. */
  readonly share: number;
  /** Where the `.chats` folder lies. */
  readonly place?: string;
  readonly run: (ground: TortureGround, seconds: number) => Promise<PartResult>;
}

const PARTS: readonly Part[] = [
  { name: 'killed at random', share: 0.48, run: killRounds },
  { name: '2 on one chat', share: 0.08, run: (ground, seconds) => manySends(ground, seconds, 2) },
  { name: '4 on one chat', share: 0.08, run: (ground, seconds) => manySends(ground, seconds, 4) },
  { name: '8 on one chat', share: 0.1, run: (ground, seconds) => manySends(ground, seconds, 8) },
  { name: '8 in one catalog', share: 0.08, run: manyChanges },
  { name: '8 about the same chats', share: 0.06, run: foughtOver },
  // Windows can't suspend a process.
  ...(process.platform === 'win32' ? [] : [{ name: 'suspended', share: 0.1, run: suspended }]),
];

const ON_SERVER: readonly Part[] = (['disk', 'object'] as const).map((storage) => ({
  name: `${storage} of a server`,
  share: storage === 'disk' ? 0.7 : 0.3,
  place: 'users/local/files',
  run: (ground, seconds) => onServer(ground, seconds, storage),
}));

/**
 * Works on chats with real processes that are killed, suspended and in each other's way, and checks that what they were
 * told to be safe is there. Prints a line per part. Returns what was violated; the folder is kept and named then.
 */
export async function torture(options: {
  readonly seconds: number;
  readonly seed: number;
  /** Names of the parts to run; all without it. */
  readonly parts?: readonly string[];
  /** The chats lie on a RocketRide server, and not in a folder of this disk. */
  readonly isOnServer?: boolean;
  readonly print: (line: string) => void;
}): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'torture-'));
  const program = join(folder, 'worker.mjs');
  const all: string[] = [];
  await bundleWorker(program);
  for (const [index, part] of (options.isOnServer ? ON_SERVER : PARTS).entries()) {
    if (options.parts && !options.parts.includes(part.name)) continue;
    const place = join(folder, String(index + 1));
    await mkdir(place);
    const random = new Random(options.seed + index);
    const ground = new TortureGround({ folder: place, program, random, ...(part.place && { place: part.place }) });
    const started = performance.now();
    try {
      const { counted, violations } = await part.run(ground, options.seconds * part.share);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      options.print(
        `${part.name}: ${counted}; ${violations.length === 0 ? 'nothing lost' : 'VIOLATED'} (${seconds} s)`,
      );
      for (const violation of violations.slice(0, 30)) options.print(`  ${violation}`);
      if (violations.length > 0) options.print(`  kept: ${await ground.keep()}`);
      all.push(...violations.map((violation) => `${part.name}: ${violation}`));
    } finally {
      await ground.clear();
    }
  }
  if (all.length === 0) await rm(folder, { recursive: true, force: true });
  return all;
}

/** As one file a process starts in a fraction of the time. */
async function bundleWorker(program: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // `ws` asks for Node's own modules by `require`, and for two helpers that need not be there.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'warning',
  });
}
