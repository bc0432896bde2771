/** What `npm install --omit=dev` of the packed package brings: megabytes, packages, install scripts and native files. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from './support/data';
import { bench, fixed, printMachine, printTable } from './support/report';

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

interface Installed {
  readonly name: string;
  readonly bytes: number;
  readonly scripts: readonly string[];
  readonly native: number;
  /** True where npm may leave it out: it is an optional dependency, or needed only by one. */
  readonly optional: boolean;
}

function npm(folder: string, ...args: readonly string[]): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--silent'], { cwd: folder, encoding: 'utf8' });
}

/** The files below a package's folder, those of packages nested in it left out. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

/** Every package that npm's own lock file says is installed. */
function installedIn(folder: string): Installed[] {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly optional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '' && existsSync(join(folder, path)))
    .map(([path, { optional }]) => {
      const root = join(folder, path);
      const { name, version, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
      const files = filesOf(root);
      return {
        name: `${name ?? relative(folder, root)}@${version ?? '?'}`,
        bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
        scripts: INSTALL_SCRIPTS.filter((script) => scripts?.[script] !== undefined),
        native: files.filter((file) => file.endsWith('.node')).length,
        optional: optional === true,
      };
    });
}

// eslint-disable-next-line @typescript-eslint/require-await -- `bench` takes promises.
bench(async () => {
  printMachine();
  const folder = mkdtempSync(join(tmpdir(), 'node-red-ml-install-'));
  try {
    const tarball = npm(ROOT, 'pack', '--pack-destination', folder).trim().split('\n').at(-1)!;
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    npm(folder, 'install', '--omit=dev', join(folder, tarball));
    const packages = installedIn(folder).sort((a, b) => b.bytes - a.bytes);
    printTable(
      ['package', 'MB', 'native files', 'optional', 'install scripts'],
      packages.map(({ name, bytes, native, optional, scripts }) => [
        name,
        fixed(bytes / 1e6, 2),
        native,
        optional ? 'yes' : 'no',
        scripts.join(' ') || 'none',
      ]),
    );
    const sum = (value: (one: Installed) => number): number => packages.reduce((all, one) => all + value(one), 0);
    return {
      installed_mb: sum(({ bytes }) => bytes) / 1e6,
      tarball_kb: statSync(join(folder, tarball)).size / 1e3,
      packages: packages.length,
      install_scripts: sum(({ scripts }) => scripts.length),
      native_files: sum(({ native }) => native),
      native_files_optional: sum(({ native, optional }) => (optional ? native : 0)),
      native_packages: packages.filter(({ native }) => native > 0).map(({ name }) => name),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
});
