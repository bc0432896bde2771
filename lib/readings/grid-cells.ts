import type { SeriesPlan } from '../core/artifact';
import { NORMAL_LABEL, type ReadingTable } from '../core/readings';
import { Bucket } from './bucket';
import { CellClock } from './cell-clock';
import type { SeriesLayout } from './series-layout';

/** The readings of a table that count, as rows of a layout. */
export interface CountedRows {
  /** Numbers of the rows in the table; those that say something of the target. */
  readonly telling: readonly number[];
  /** A row of the layout; null where the reading counts as missing. */
  readonly rowAt: (row: number) => Float64Array | null;
  /** Readings that count as missing: labelled as not normal, or "judge only when" does not hold. */
  readonly labelled: number;
  readonly notNow: number;
}

export function countedRows({ fields, data, labels, timestampsMs }: ReadingTable, layout: SeriesLayout): CountedRows {
  const columns = layout.inputs.map((input) => fields.indexOf(input));
  const isLabelled = (row: number): boolean => (labels?.[row] ?? NORMAL_LABEL) !== NORMAL_LABEL;
  const read = (row: number): Float64Array => layout.rowOf((input) => data[row * fields.length + columns[input]!]!);
  const telling: number[] = [];
  let [labelled, notNow] = [0, 0];
  for (let r = 0; r < timestampsMs.length; r++) {
    const row = read(r);
    if (isLabelled(r)) labelled++;
    else if (!layout.counts(row)) notNow++;
    else if (layout.tells(row)) telling.push(r);
  }
  const rowAt = (r: number): Float64Array | null => {
    const row = read(r);
    return isLabelled(r) || !layout.counts(row) ? null : row;
  };
  return { telling, rowAt, labelled, notNow };
}

/** Cells of the grid that have a reading, in rising order. */
export interface GridCells {
  readonly cells: Float64Array;
  /** One row a cell: target, then the other fields, NaN where missing. */
  readonly values: readonly Float64Array[];
}

/**
 * Aggregates the readings of each cell. Where readings come faster than the step the last cell is left out: nobody knows
 * whether it is complete.
 */
export function gridCells(
  { timestampsMs }: ReadingTable,
  { rowAt }: CountedRows,
  { stepMs, aggregation }: SeriesPlan,
  layout: SeriesLayout,
): GridCells {
  const clock = new CellClock(stepMs);
  const cells: number[] = [];
  const values: Float64Array[] = [];
  let open: Bucket | null = null;
  const close = (bucket: Bucket): void => {
    cells.push(bucket.index);
    values.push(layout.seriesOf(bucket.values()));
  };
  for (let r = 0; r < timestampsMs.length; r++) {
    const row = rowAt(r);
    if (row === null) continue;
    const cell = clock.next(timestampsMs[r]!);
    if (open !== null && open.index !== cell) {
      close(open);
      open = null;
    }
    open ??= new Bucket(cell, aggregation, row.length);
    open.add(timestampsMs[r]!, row, undefined);
  }
  if (open !== null && !clock.aggregating) close(open);
  return { cells: Float64Array.from(cells), values };
}
