import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';

export const HOUR_MS = 3_600_000;
/** A Monday. */
export const TANK_START_MS = Date.UTC(2026, 4, 4);

export interface TankOptions {
  readonly rows: number;
  readonly device?: string;
  readonly seed?: number;
  readonly stepMs?: number;
}

/** Readings of a tank, one an hour unless said otherwise: its level follows the day, the inflow is noise. */
export function tank({ rows, device = 'tank-1', seed = 7, stepMs = HOUR_MS }: TankOptions): ReadingTable {
  const random = new Random(seed);
  const timestampsMs = Float64Array.from({ length: rows }, (_, row) => TANK_START_MS + row * stepMs);
  const data = new Float64Array(rows * 2);
  timestampsMs.forEach((timestampMs, row) => {
    const level = 50 + 10 * Math.sin((2 * Math.PI * timestampMs) / (24 * HOUR_MS)) + random.normal(0, 1);
    data.set([level, random.normal(5, 0.2)], row * 2);
  });
  return { device, fields: ['level', 'inflow'], timestampsMs, data };
}

/** Some rows of a table. */
export function pick(table: ReadingTable, wanted: (row: number) => boolean): ReadingTable {
  const width = table.fields.length;
  return {
    device: table.device,
    fields: table.fields,
    timestampsMs: table.timestampsMs.filter((_, row) => wanted(row)),
    data: table.data.filter((_, cell) => wanted(Math.floor(cell / width))),
    ...(table.labels && { labels: table.labels.filter((_, row) => wanted(row)) }),
  };
}
