// Compiles everything: the package (dist/), the editor's scripts (resources/), and tests and benchmarks (build/).
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prune } from './prune.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

function compile(...args) {
  const { status } = spawnSync(process.execPath, [compiler, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** What a node needs beside its compiled code: the editor's html, and the locales. */
function copyNodeAssets() {
  for (const entry of readdirSync(join(root, 'nodes'), { recursive: true })) {
    if (/\.(html|json|svg)$/.test(entry)) cpSync(join(root, 'nodes', entry), join(root, 'dist', 'nodes', entry));
  }
}

compile('--build', 'tsconfig.json');
copyNodeAssets();
compile('--project', 'editor/tsconfig.json');
compile('--build', 'tsconfig.dev.json');
prune(root);
