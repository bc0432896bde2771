import { arch, cpus, platform, totalmem } from 'node:os';

/** What may stand in a table's cell; null is "not measured". */
export type Cell = string | number | null;

/** Names the machine that the figures below were measured on, and the peers' versions. */
export function printMachine(peers: Readonly<Record<string, string | null>> = {}): void {
  const cores = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(`${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores, ${memory}, ${platform()} ${arch()}`);
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version ?? '(not installed)'}`);
  console.log([`Node.js ${process.versions.node}`, ...versions].join(', '));
}

/** Prints a table with its first column to the left and the others to the right. */
export function printTable(header: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const lines = [header, ...rows.map((row) => row.map((cell) => String(cell ?? '–')))];
  const widths = header.map((_, c) => Math.max(...lines.map((line) => (line[c] ?? '').length)));
  const print = (line: readonly string[]): void =>
    console.log(widths.map((w, c) => (c === 0 ? (line[c] ?? '').padEnd(w) : (line[c] ?? '').padStart(w))).join('  '));
  console.log();
  print(lines[0]!);
  console.log('-'.repeat(widths.reduce((a, b) => a + b) + 2 * (widths.length - 1)));
  lines.slice(1).forEach(print);
  console.log();
}

/** A figure to so many digits after the point; null where there is none. */
export function fixed(value: number | null, digits: number): string | null {
  return value === null || !Number.isFinite(value) ? null : value.toFixed(digits);
}

/**
 * Runs a benchmark and prints the figures it returns as one JSON object on the last line, to five significant digits.
 */
export function bench(run: () => Promise<Readonly<Record<string, unknown>>>): void {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  run().then(
    (result) => console.log(JSON.stringify(result, rounded)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
