import { MlError } from './errors';

/** Largest size of a number to learn from: what a REAL of a PLC (IEEE 754 single precision) can hold. */
export const LARGEST_VALUE = 3.4028234663852886e38;

/** Row-major numbers with named columns: cell (r, c) is `data[r * columns.length + c]`. NaN means missing. */
export interface Table {
  readonly data: Float64Array;
  readonly columns: readonly string[];
  readonly rows: number;
}

/**
 * Makes a table over `data` (not copied).
 * @param data - `rows × columns` numbers, row-major
 * @throws MlError `DATA` when the length is not a whole number of rows
 */
export function makeTable(columns: readonly string[], data: Float64Array): Table {
  const width = columns.length;
  const rows = width === 0 ? 0 : data.length / width;
  if (!Number.isInteger(rows)) {
    throw new MlError('DATA', `A table of ${width} columns needs a multiple of ${width} numbers, got ${data.length}.`);
  }
  return { data, columns, rows };
}

/** Makes a table from arrays, one a row; for tests and small data. */
export function tableFromRows(columns: readonly string[], rows: readonly ArrayLike<number>[]): Table {
  const data = new Float64Array(rows.length * columns.length);
  rows.forEach((row, r) => {
    if (row.length !== columns.length) {
      throw new MlError('DATA', `Row ${r} must have ${columns.length} numbers, got ${row.length}.`);
    }
    data.set(row, r * columns.length);
  });
  return makeTable(columns, data);
}

/** Rows `start` (inclusive) to `end` (exclusive), sharing memory with `table`. */
export function sliceRows(table: Table, start: number, end: number): Table {
  const width = table.columns.length;
  return makeTable(table.columns, table.data.subarray(start * width, end * width));
}

/** One row, sharing memory with `table`. */
export function rowOf(table: Table, row: number): Float64Array {
  const width = table.columns.length;
  return table.data.subarray(row * width, (row + 1) * width);
}

/** A copy of one column, `rows` long. */
export function columnOf(table: Table, column: number): Float64Array {
  const width = table.columns.length;
  const out = new Float64Array(table.rows);
  for (let r = 0; r < table.rows; r++) out[r] = table.data[r * width + column]!;
  return out;
}

/** A copy of the rows with these numbers, in this order. */
export function pickRows(table: Table, rows: readonly number[]): Table {
  const width = table.columns.length;
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, r) => {
    data.set(rowOf(table, row), r * width);
  });
  return makeTable(table.columns, data);
}
