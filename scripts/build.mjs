// Compiles everything: the package (dist/), the editor's scripts (resources/), and tests and benchmarks (build/).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prune } from './prune.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = createRequire(import.meta.url);

function run(program, ...args) {
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function compile(...args) {
  run(join(dirname(packages.resolve('typescript/package.json')), 'bin', 'tsc'), ...args);
}

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The numeric kernels: AssemblyScript to one WebAssembly module with SIMD on a shared memory that the loader gives. */
function compileKernels() {
  const sources = join(root, 'lib/kernels/assembly');
  const module = join(root, 'dist/lib/kernels/kernels.wasm');
  if (readdirSync(sources).every((file) => modified(join(sources, file)) < modified(module))) return;
  mkdirSync(dirname(module), { recursive: true });
  run(
    join(dirname(packages.resolve('assemblyscript/package.json')), 'bin', 'asc.js'),
    ...['lib/kernels/assembly/index.ts', '--outFile', 'dist/lib/kernels/kernels.wasm', '-O3', '--noAssert'],
    ...['--runtime', 'stub', '--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'],
    ...['--initialMemory', '1', '--maximumMemory', '16384', '--memoryBase', '1024'],
    // Addresses are 32 bits wide here, so that usize and u32 mix safely.
    ...['--disableWarning', '201'],
  );
}

/** What a node needs beside its compiled code: the editor's html, and the locales. */
function copyNodeAssets() {
  for (const entry of readdirSync(join(root, 'nodes'), { recursive: true })) {
    if (/\.(html|json|svg)$/.test(entry)) cpSync(join(root, 'nodes', entry), join(root, 'dist', 'nodes', entry));
  }
}

/** The editor loads one script, and does not keep the order of several: the parts, which share a namespace, become one. */
function joinEditorScripts() {
  const parts = readdirSync(join(root, 'editor')).filter((file) => /(?<!\.d)\.ts$/.test(file));
  const scripts = parts
    .sort()
    .map((file) => readFileSync(join(root, 'build/editor', file.replace(/ts$/, 'js')), 'utf8'));
  mkdirSync(join(root, 'resources'), { recursive: true });
  writeFileSync(join(root, 'resources/ml-editor.js'), scripts.join(''));
  cpSync(join(root, 'editor/ml-editor.css'), join(root, 'resources/ml-editor.css'));
}

compileKernels();
compile('--build', 'tsconfig.json');
copyNodeAssets();
compile('--project', 'editor/tsconfig.json');
joinEditorScripts();
compile('--build', 'tsconfig.dev.json');
prune(root);
