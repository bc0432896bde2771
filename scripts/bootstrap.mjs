// Makes a clone ready to run: checks Node.js, installs what the lock file names, builds what has changed.
// Nothing may be installed yet, so it uses Node's built-ins only; and old syntax, so that an old Node.js can read it
// far enough to be told that it is too old.
import { spawnSync } from 'child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const SOURCES = ['lib', 'nodes', 'editor', 'test', 'bench', 'demo', 'scripts'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.dev.json'];
const BUILT = join(root, 'build', '.built');

/** Runs a Node.js program in the clone, its output shown; returns its exit code. */
export function run(program, ...args) {
  const { status } = spawnSync(process.execPath, [program].concat(args), { cwd: root, stdio: 'inherit' });
  return status === null ? 1 : status;
}

function stop(sentence) {
  console.error(`\n${sentence}\n`);
  process.exit(1);
}

/** Even versions that are kept up, as the development tools ask for them. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23) return;
  stop(
    `This needs Node.js 20.19, 22.12, 24 or newer; this one is ${process.versions.node}. Get it from https://nodejs.org`,
  );
}

function packagesIn(lockFile) {
  const file = join(root, lockFile);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** Compares the lock file with what npm notes that it has installed. What is optional may be missing on this platform. */
function isInstalled() {
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  return Object.keys(wanted).every((path) => {
    if (path === '' || wanted[path].optional || wanted[path].devOptional) return true;
    return installed[path] !== undefined && installed[path].version === wanted[path].version;
  });
}

/** Development packages are wanted also where NODE_ENV says production. */
function install() {
  if (isInstalled()) return;
  console.log('Installing packages …');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { status } =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm].concat(args), { cwd: root, stdio: 'inherit' })
      : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) stop('npm could not install the packages: see above. Is there a way to the npm registry?');
}

/** When a file below was last changed, or a folder gained or lost one. */
function lastChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, lastChange(join(path, name))), stats.mtimeMs);
}

function build() {
  const sources = SOURCES.concat(SETTINGS).map((name) => join(root, name));
  const changed = Math.max.apply(null, sources.filter(existsSync).map(lastChange));
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > changed) return;
  console.log('Building …');
  if (run(join(root, 'scripts', 'build.mjs')) !== 0) stop('The build failed: see above.');
  writeFileSync(BUILT, '');
}

/** Does only what is needed; ends the process with a sentence that helps where something fails. */
export function bootstrap() {
  checkNode();
  install();
  build();
}
