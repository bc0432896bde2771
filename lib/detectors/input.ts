import { MlError, show } from '../core/errors';
import { LARGEST_VALUE, type Table } from '../core/table';

/**
 * Checks a table that a detector is to be fitted on.
 * @param allowsMissing - whether cells may be NaN
 * @throws MlError `TOO_FEW_ROWS`, or `DATA` where there is no column or a cell is missing, infinite or too large
 */
export function checkTrainingTable(id: string, x: Table, minRows: number, allowsMissing = false): void {
  if (x.columns.length === 0) throw new MlError('DATA', `${id} needs at least one feature, got none.`);
  if (x.rows < minRows) {
    throw new MlError('TOO_FEW_ROWS', `${id} needs at least ${minRows} rows to learn from, got ${x.rows}.`);
  }
  const { data } = x;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    // The comparison is also false for NaN.
    if (!(Math.abs(value) <= LARGEST_VALUE) && !(allowsMissing && Number.isNaN(value))) {
      throw badCell(x, i, `a number of at most ±${LARGEST_VALUE.toPrecision(3)}`);
    }
  }
}

/**
 * Checks a table that a fitted detector is to score; any finite number will do.
 * @param allowsMissing - whether cells may be NaN
 * @throws MlError `DATA` where columns differ from those it was trained on, or a cell is missing or infinite
 */
export function checkScoringTable(features: readonly string[], x: Table, allowsMissing = false): void {
  const { columns } = x;
  if (columns !== features) {
    if (columns.length !== features.length || columns.some((name, c) => name !== features[c])) {
      throw new MlError('DATA', `The model was trained on the columns ${listed(features)}; got ${listed(columns)}.`);
    }
  }
  const { data } = x;
  for (let i = 0; i < data.length; i++) if (!isUsable(data[i]!, allowsMissing)) throw badCell(x, i, 'a finite number');
}

/**
 * Checks one row that a fitted detector is to explain.
 * @param allowsMissing - whether numbers may be NaN
 * @throws MlError `DATA` where it has another length than the features, or a number is missing or infinite
 */
export function checkRow(features: readonly string[], row: Float64Array, allowsMissing = false): void {
  if (row.length !== features.length) {
    throw new MlError('DATA', `A row needs ${features.length} numbers (${listed(features)}), got ${row.length}.`);
  }
  for (let c = 0; c < row.length; c++) {
    if (!isUsable(row[c]!, allowsMissing)) {
      throw new MlError('DATA', `"${features[c]!}" must be a finite number, got ${show(row[c])}.`);
    }
  }
}

function isUsable(value: number, allowsMissing: boolean): boolean {
  return Number.isFinite(value) || (allowsMissing && Number.isNaN(value));
}

function badCell(x: Table, index: number, expected: string): MlError {
  const row = Math.floor(index / x.columns.length);
  const column = x.columns[index % x.columns.length]!;
  return new MlError('DATA', `Row ${row}, column "${column}" must be ${expected}, got ${show(x.data[index])}.`);
}

/** Names for a message, at most ten of them. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return '(none)';
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return names.slice(0, 10).join(', ') + more;
}
