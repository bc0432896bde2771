import type { SeriesPlan } from '../core/artifact';
import { LARGEST_VALUE } from '../core/table';
import { holds } from './condition';
import { measured } from './numbers';
import { rowLayout } from './row-layout';

/** How a reading becomes a row of numbers, and the rows of one cell the values of the series. */
export interface SeriesLayout {
  /** Fields that are taken from a reading. */
  readonly inputs: readonly string[];
  /** A row of all columns, NaN where missing. @param value - of an input */
  rowOf(value: (input: number) => number): Float64Array;
  /** Whether a row counts: where `judgeWhen` does not hold, all of it is missing. */
  counts(row: Float64Array): boolean;
  /** Whether a row says anything of the target. */
  tells(row: Float64Array): boolean;
  /** Target, then the other fields, from a row of all columns; derived fields are made from the row's inputs. */
  seriesOf(row: Float64Array): Float64Array;
}

export function seriesLayout(plan: Pick<SeriesPlan, 'field' | 'others' | 'derived' | 'judgeWhen'>): SeriesLayout {
  const { judgeWhen } = plan;
  const { inputs, names, columnOf, derive } = rowLayout({ ...plan, fields: [plan.field, ...plan.others] });
  const columns = [plan.field, ...plan.others].map(columnOf);
  const target = columns[0]!;
  const condition = judgeWhen && { ...judgeWhen, column: columnOf(judgeWhen.field) };
  return {
    inputs,
    rowOf(value) {
      const row = new Float64Array(names.length);
      for (let i = 0; i < inputs.length; i++) row[i] = measured(value(i));
      derive(row);
      return row;
    },
    counts: (row) => condition === undefined || holds(condition, row[condition.column]!),
    // The parts of a derived field may come in readings of their own.
    tells: (row) => (target < inputs.length ? !Number.isNaN(row[target]!) : row.some((value) => !Number.isNaN(value))),
    seriesOf(row) {
      derive(row);
      const values = new Float64Array(columns.length);
      for (let i = 0; i < columns.length; i++) {
        const value = row[columns[i]!]!;
        values[i] = Math.abs(value) <= LARGEST_VALUE ? value : NaN;
      }
      return values;
    },
  };
}
