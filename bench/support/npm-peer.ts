import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './data';

export interface NpmPeer {
  readonly version: string;
  /** What the package exports. */
  readonly exports: unknown;
  /** Loads what was installed beside it. */
  readonly require: NodeJS.Require;
}

/**
 * A package of `bench/peers/package.json`, installed on first use into a folder of its own, so that no benchmark installs
 * the peers of another. Null where it cannot be installed, such as offline.
 * @param companions - packages of the same file that must stand beside it
 */
export function npmPeer(name: string, companions: readonly string[] = []): NpmPeer | null {
  const peers = join(ROOT, 'bench', 'peers');
  const manifest = JSON.parse(readFileSync(join(peers, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const version = manifest.dependencies[name]!;
  const folder = join(peers, 'node_modules', `${name.replace('/', '+')}@${version}`);
  if (!existsSync(join(folder, 'node_modules', name))) {
    mkdirSync(folder, { recursive: true });
    const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
    const wanted = [name, ...companions].map((each) => `${each}@${manifest.dependencies[each]!}`);
    console.log(`Installing ${name} ${version} for this benchmark …`);
    const { status } = spawnSync('npm', ['install', ...options, '--prefix', folder, ...wanted]);
    if (status !== 0) {
      console.log(`${name} could not be installed; its figures are left out.`);
      return null;
    }
  }
  const load = createRequire(join(folder, 'package.json'));
  return { version, exports: load(name), require: load };
}
