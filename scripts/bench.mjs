// npm run bench -- NAME: builds, then runs bench/NAME.ts. Tables for people first, as the last line one JSON object.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const benches = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

/** The comment at the top of a benchmark says what it asks. */
function questionOf(bench) {
  const [, comment = ''] = /^\/\*\*([^]*?)\*\//.exec(readFileSync(join(root, 'bench', `${bench}.ts`), 'utf8')) ?? [];
  return comment.replace(/\s*\n \*\s*/g, ' ').trim();
}

const [name, ...rest] = process.argv.slice(2);
if (!benches.includes(name)) {
  console.error('Usage: npm run bench -- NAME, where NAME is one of:');
  for (const bench of benches) console.error(`  ${bench.padEnd(12)}${questionOf(bench)}`);
  process.exit(2);
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(join(root, 'scripts', 'build.mjs'));
const compiled = join(root, 'build', 'bench', `${name}.js`);
if (!existsSync(compiled)) throw new Error(`${compiled} was not built.`);
run(compiled, ...rest);
