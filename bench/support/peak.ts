import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from './data';
import { timed } from './timing';

const ROUNDS = 4_000_000;
const OPERATIONS_A_ROUND = 96;

let multiplyAdds: ((rounds: number) => number) | undefined;

/** GFLOP/s of multiply-adds on registers in WebAssembly SIMD on one core: the ceiling for any kernel here. */
export async function multiplyAddPeak(): Promise<number> {
  multiplyAdds ??= await load();
  const ms = timed(() => multiplyAdds!(ROUNDS));
  return (OPERATIONS_A_ROUND * ROUNDS) / ms / 1e6;
}

async function load(): Promise<(rounds: number) => number> {
  const module = join(ROOT, 'build', 'bench', 'peak.wasm');
  if (!existsSync(module)) {
    const compiler = createRequire(__filename).resolve('assemblyscript/package.json');
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '-o', module];
    const source = join(ROOT, 'bench', 'assembly', 'peak.ts');
    const { status } = spawnSync(process.execPath, [join(dirname(compiler), 'bin', 'asc.js'), source, ...options]);
    if (status !== 0) throw new Error(`${source} did not compile.`);
  }
  const { instance } = await WebAssembly.instantiate(readFileSync(module), {});
  const run = instance.exports.multiplyAdds as (rounds: number) => number;
  run(ROUNDS); // Lets the engine compile it well.
  return run;
}
