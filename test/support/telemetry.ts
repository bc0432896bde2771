import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';

export const MINUTE_MS = 60_000;
export const START_MS = Date.UTC(2026, 4, 4);
const FIELDS = ['flow', 'pressure', 'current', 'temperature'];

export interface TelemetryOptions {
  readonly rows: number;
  readonly device?: string;
  readonly seed?: number;
  readonly startMs?: number;
  /** Rows of a leak: `from` (inclusive) to `to` (exclusive). The pressure falls, all else rises. */
  readonly leak?: { readonly from: number; readonly to: number };
  /** Label of the leak's rows; none: nothing is labelled. */
  readonly label?: string;
}

/** Readings of a pump, one a minute: four fields with noise; the pressure falls as the flow rises. */
export function telemetry(options: TelemetryOptions): ReadingTable {
  const { rows, device = 'pump-1', seed = 7, startMs = START_MS, leak, label } = options;
  const random = new Random(seed);
  const data = new Float64Array(rows * FIELDS.length);
  const inLeak = (row: number): boolean => leak !== undefined && row >= leak.from && row < leak.to;
  for (let row = 0; row < rows; row++) {
    const worse = inLeak(row) ? 1 : 0;
    const flow = random.normal(100 + 30 * worse, 2);
    const pressure = random.normal(6 - 0.02 * (flow - 100) - 2 * worse, 0.05);
    data.set(
      [flow, pressure, random.normal(20 + 6 * worse, 0.3), random.normal(50 + 15 * worse, 1)],
      row * FIELDS.length,
    );
  }
  const timestampsMs = Float64Array.from({ length: rows }, (_, row) => startMs + row * MINUTE_MS);
  const table = { device, fields: FIELDS, timestampsMs, data };
  if (label === undefined) return table;
  return { ...table, labels: Array.from({ length: rows }, (_, row) => (inLeak(row) ? label : 'normal')) };
}
