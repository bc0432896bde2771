import { Random } from '#lib/core/random';
import { tableFromRows, type Table } from '#lib/core/table';

export const PLANT_COLUMNS = ['flow', 'pressure', 'current', 'temperature'];

/** Half-widths of what a feature does normally, in its own unit. */
const DEVIATIONS = [2, 0.15, 0.4, 1.5];

/** One reading of a pump that runs well: pressure and current follow the flow, temperature wanders by itself. */
function normalRow(random: Random): number[] {
  const flow = random.normal(40, DEVIATIONS[0]);
  const pressure = 3 + 0.05 * (flow - 40) + random.normal(0, 0.1);
  const current = 12 + 0.15 * (flow - 40) + random.normal(0, 0.25);
  return [flow, pressure, current, random.normal(55, DEVIATIONS[3])];
}

export function normalRows(rows: number, seed: number): Table {
  const random = new Random(seed);
  return tableFromRows(
    PLANT_COLUMNS,
    Array.from({ length: rows }, () => normalRow(random)),
  );
}

/** Normal rows, every tenth of them with one feature 4 to 8 deviations off. */
export function rowsWithFaults(rows: number, seed: number): { readonly x: Table; readonly faulty: readonly number[] } {
  const random = new Random(seed);
  /** Per row the feature that is off, −1 where none is. */
  const faulty: number[] = [];
  const made = Array.from({ length: rows }, (_, r) => {
    const row = normalRow(random);
    const feature = r % 10 === 9 ? random.below(row.length) : -1;
    const sign = random.uniform() < 0.5 ? -1 : 1;
    if (feature >= 0) row[feature]! += sign * random.uniform(4, 8) * DEVIATIONS[feature]!;
    faulty.push(feature);
    return row;
  });
  return { x: tableFromRows(PLANT_COLUMNS, made), faulty };
}
