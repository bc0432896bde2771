import { Random } from '#lib/core/random';
import type { Reading } from '#lib/core/readings';

export const HOUR_MS = 3_600_000;
/** Midnight of a Monday. */
export const START_MS = Date.UTC(2026, 4, 4);

export interface TemperatureOptions {
  readonly device?: string;
  readonly seed?: number;
  /** First and last hour, the latter exclusive. */
  readonly from?: number;
  readonly to: number;
  /** Added to each hour's value. */
  readonly extra?: (hour: number) => number;
}

/** Readings of a temperature, one an hour: 60, 10 up and down with the day, and a little noise. */
export function temperature({ device = 'pump-1', seed = 1, from = 0, to, extra }: TemperatureOptions): Reading[] {
  const random = new Random(seed);
  const values = Array.from(
    { length: to },
    (_, hour) => 60 + 10 * Math.sin((2 * Math.PI * hour) / 24) + random.normal(0, 0.3) + (extra?.(hour) ?? 0),
  );
  return values.slice(from).map((value, i) => ({
    device,
    timestampMs: START_MS + (from + i) * HOUR_MS,
    values: new Map([['temperature', value]]),
  }));
}
