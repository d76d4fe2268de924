import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { onStopRequest } from '../support/onStopRequest.ts';
import { projectPaths } from '../support/projectPaths.ts';

/** One measured thing. */
export interface BenchResult {
  readonly bench: string;
  /** What the work was done on, such as `10000 chats`. */
  readonly size: number | string;
  /** The median. */
  readonly value: number;
  readonly unit: string;
  /** What the bare work under it takes, measured in the same run, in the same unit; absent where there is none. */
  readonly floor?: number | undefined;
  /** How many times the value of the smallest size this is, where it should not grow with the size. */
  readonly growth?: number | undefined;
}

export type Report = (result: BenchResult) => void;

/** The default export of a `*.bench.ts` file. */
export interface Bench {
  readonly group: string;
  run(report: Report): Promise<void> | void;
}

const COLUMNS = [28, 26, 12, 12, 8, 8];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const benches = await loadBenches();
const chosen = benches.filter((bench) => positionals.length === 0 || positionals.includes(bench.group));
const unknown = positionals.filter((group) => !benches.some((bench) => bench.group === group));
if (unknown.length > 0 || chosen.length === 0) {
  const groups = [...new Set(benches.map((bench) => bench.group))].join(', ') || 'none';
  console.error(`There is no bench group ${unknown.join(', ') || 'at all'}; the groups are: ${groups}.`);
  process.exit(1);
}
// What a bench has in the temporary folder goes when the process exits.
onStopRequest(130, async () => {});
if (!values.json) console.log(row(['bench', 'size', 'p50', 'floor', 'ratio', 'growth']));
for (const bench of chosen) await bench.run(values.json ? printJson : printRow);

function printJson(result: BenchResult): void {
  const { bench, size, value, unit, floor = null, growth = null } = result;
  console.log(JSON.stringify({ bench, size, value, unit, floor, ratio: ratioOf(result) ?? null, growth }));
}

function printRow(result: BenchResult): void {
  const { bench, size, value, unit, floor, growth } = result;
  const ratio = ratioOf(result);
  const amount = (number: number) => `${short(number)} ${unit}`;
  console.log(
    row([
      bench,
      String(size),
      amount(value),
      floor === undefined ? '–' : amount(floor),
      ratio === undefined ? '–' : short(ratio),
      growth === undefined ? '–' : short(growth),
    ]),
  );
}

function ratioOf({ value, floor }: BenchResult): number | undefined {
  return floor ? Number((value / floor).toPrecision(4)) : undefined;
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en-GB', { maximumFractionDigits: 4 });
}

function row(cells: readonly string[]): string {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(COLUMNS[at] ?? 0) : cell.padStart(COLUMNS[at] ?? 0))).join('');
}

async function loadBenches(): Promise<Bench[]> {
  const files = globSync('test/bench/*.bench.ts', { cwd: projectPaths.root }).sort();
  return Promise.all(
    files.map(async (file) => {
      const module: { default: Bench } = await import(pathToFileURL(join(projectPaths.root, file)).href);
      return module.default;
    }),
  );
}
