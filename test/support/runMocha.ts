import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import Mocha from 'mocha';
import type { TestCounts } from './testCounts.ts';

export interface MochaRun {
  /** Absolute paths of modules with tests in Mocha's tdd words. */
  readonly files: readonly string[];
  readonly timeoutMs: number;
  readonly print: (line: string) => void;
  /** Prints the tests that pass, too. */
  readonly isVerbose: boolean;
  /** Runs only the tests whose full title matches. */
  readonly grep?: string | undefined;
  /** How often a test that failed is tried again; each time is printed. */
  readonly retries?: number;
  /** Fails when a test is marked as the only one, so that none is left out unseen. */
  readonly forbidOnly?: boolean;
}

/** Runs the tests in this process, in the extension host as well as in plain Node. */
export async function runMocha(run: MochaRun): Promise<TestCounts> {
  const counts = { passed: 0, failed: 0 };
  class LineReporter extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      runner.on('pass', (test) => {
        counts.passed++;
        if (run.isVerbose) run.print(`  ✓ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
      });
      runner.on('retry', (test: Mocha.Test, error: unknown) => {
        run.print(`  ↻ ${test.fullTitle()} (tried again)\n${indent(stripVTControlCharacters(describe(error)))}`);
      });
      runner.on('pending', (test) => run.print(`  - ${test.fullTitle()} (skipped)`));
      runner.on('fail', (test, error: unknown) => {
        counts.failed++;
        run.print(`  ✗ ${test.fullTitle()}\n${indent(stripVTControlCharacters(describe(error)))}`);
      });
    }
  }
  const mocha = new Mocha({
    ui: 'tdd',
    reporter: LineReporter,
    timeout: run.timeoutMs,
    retries: run.retries ?? 0,
    forbidOnly: run.forbidOnly === true,
    ...(run.grep === undefined ? {} : { grep: run.grep }),
  });
  for (const file of run.files) await load(mocha, file);
  await new Promise<number>((done) => mocha.run(done));
  return counts;
}

/** Mocha's own loading requires ES modules synchronously, which never ends in the extension host of VS Code 1.103. */
async function load(mocha: Mocha, file: string): Promise<void> {
  mocha.suite.emit('pre-require', globalThis, file, mocha);
  const module: unknown = await import(pathToFileURL(file).href);
  mocha.suite.emit('require', module, file, mocha);
  mocha.suite.emit('post-require', globalThis, file, mocha);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? error.message;
  if (!('actual' in error && 'expected' in error) || text.includes('\n- ')) return text;
  return `${text}\n${Mocha.reporters.Base.generateDiff(show(error.actual), show(error.expected))}`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value));
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '      ');
}
