// Runs on the Node that the user has, before anything is installed: no dependencies, no TypeScript.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? '.', '../..');
const isWindows = process.platform === 'win32';
const node = join(root, 'node_modules/node/bin', isWindows ? 'node.exe' : 'node');
const [script = '', ...args] = process.argv.slice(2);

requireNode(20, 19);
if (!areDependenciesCurrent()) await installDependencies();
await run(script, args);

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`Node ${process.versions.node} is too old: install Node ${major}.${minor} or newer from https://nodejs.org.`);
}

/** Compares contents, not times: a checkout or a copy changes times without changing packages. */
function areDependenciesCurrent() {
  if (!existsSync(node)) return false;
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.optional || entry.devOptional || entry.link) return true;
    const found = installed[path];
    return found ? found.version === entry.version && found.integrity === entry.integrity : Boolean(entry.peer);
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {}; // npm writes its own lockfile last, so none means a half-done or missing installation
  }
}

async function installDependencies() {
  const logs = join(root, '.vscode-test/logs');
  mkdirSync(logs, { recursive: true });
  const log = join(logs, 'npm-ci.log');
  const output = openSync(log, 'w');
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  console.log('packages: installing …');
  const ticking = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r  ${seconds()} `), 1000)
    : setInterval(() => console.log(`packages: still installing, ${seconds()}`), 15_000);
  const npm = process.env.npm_execpath ?? '';
  const flags = ['ci', '--no-audit', '--no-fund'];
  const child = npm.endsWith('npm-cli.js')
    ? spawn(process.execPath, [npm, ...flags], { cwd: root, stdio: ['ignore', output, output] })
    : spawn('npm', flags, { cwd: root, stdio: ['ignore', output, output], shell: isWindows });
  const code = await ended(child, () => fail('npm was not found: install Node.js with npm from https://nodejs.org.'));
  clearInterval(ticking);
  if (process.stdout.isTTY) process.stdout.write('\r');
  if (code === 0 && existsSync(node)) return console.log(`packages: installed in ${seconds()}`);
  const text = readFileSync(log, 'utf8');
  const reason = /^npm (?:error|ERR!) (?!code|errno|syscall|A complete log|path)(.+)$/m.exec(text)?.[1];
  const cause = code === 0 ? 'the package "node" brought no program; are install scripts switched off?' : reason;
  fail(`The packages could not be installed (${cause ?? `npm ended with ${code}`}); see ${relative(root, log)}.`);
}

async function run(name, rest) {
  const file = join(root, 'test', `${name}.ts`);
  if (!name || !existsSync(file)) fail(`There is no test/${name}.ts to run.`);
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const child = spawn(node, [file, ...rest], { cwd: root, env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithNpm(() => child.kill('SIGTERM'));
  process.exit(await ended(child, (error) => fail(`Node could not be started: ${error.message}.`)));
}

/** A shell between npm and this process may swallow the signal that ends npm. */
function stopWithNpm(stop) {
  if (!process.env.npm_lifecycle_event || isWindows) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop(), 1000).unref();
}

function ended(child, onError) {
  return new Promise((done) => {
    child.on('error', onError);
    child.on('close', (code) => done(code ?? 1));
  });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
