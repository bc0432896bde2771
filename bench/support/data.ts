import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeTable, type Table } from '#lib/core/table';

/** The repository, seen from `build/bench/support`. */
export const ROOT = resolve(__dirname, '..', '..', '..');

/** Public sources of the data sets; none of them may be part of this package. */
const SOURCES = {
  skab: 'the Skoltech Anomaly Benchmark, https://github.com/waico/SKAB (GPL-3.0)',
  nab: 'the Numenta Anomaly Benchmark, https://github.com/numenta/NAB (MIT)',
  'm4-hourly':
    'the hourly series of the M4 competition, https://github.com/Mcompetitions/M4-methods, as train.csv and test.csv',
  etth1: 'the Electricity Transformer Dataset, https://github.com/zhouhaoyi/ETDataset (CC BY-ND 4.0)',
  adbench: 'ADBench, https://github.com/Minqi824/ADBench (BSD-2), as CSV with the last column "label"',
} as const;

export type DataSet = keyof typeof SOURCES;

/**
 * The folder of a data set: in `ML_BENCH_DATA` where that is set, else in `bench/data`, else in `../shared/data`.
 * Where it is absent: null, after saying so and where to get it.
 */
export function findData(set: DataSet): string | null {
  const given = process.env.ML_BENCH_DATA;
  const parents = given ? [resolve(given)] : [join(ROOT, 'bench', 'data'), resolve(ROOT, '..', 'shared', 'data')];
  const found = parents.map((parent) => join(parent, set)).find((folder) => existsSync(folder));
  if (found === undefined) {
    console.log(`The data set "${set}" is not in ${parents.join(' or ')}.`);
    console.log(`It is ${SOURCES[set]}. Put it there, or name its parent folder in ML_BENCH_DATA.`);
  }
  return found ?? null;
}

export interface Csv {
  readonly columns: readonly string[];
  /** One array of texts a row. */
  readonly rows: readonly (readonly string[])[];
}

/** Reads a CSV file with a header line; cells in quotes are not supported. */
export function readCsv(path: string, separator = ','): Csv {
  const [header = '', ...lines] = readFileSync(path, 'utf8').split(/\r?\n/);
  return {
    columns: header.split(separator),
    rows: lines.filter((line) => line !== '').map((line) => line.split(separator)),
  };
}

/** The named columns as numbers. */
export function numbersOf(csv: Csv, columns: readonly string[]): Table {
  const indices = columns.map((name) => {
    const index = csv.columns.indexOf(name);
    if (index < 0) throw new Error(`No column "${name}" among ${csv.columns.join(', ')}.`);
    return index;
  });
  return makeTable(columns, Float64Array.from(csv.rows.flatMap((row) => indices.map((index) => Number(row[index])))));
}
