import type { Limit } from './breach-state';
import type { NextHour } from './forecast';

const HOUR_MS = 3_600_000;
/** A way is named where it is at least so probable. */
const SURE = 0.75;

/**
 * What the next hour brings. It is rising where the value at its end will probably (3 in 4) lie above the newest one.
 * @param values - the forecast, one step apart
 * @param newest - the newest value known
 * @param probabilityBeyond - that the true value at a step, 0 the first, lies beyond a limit
 * @returns null where a step is longer than an hour
 */
export function nextHour(
  values: Float64Array,
  stepMs: number,
  newest: number,
  probabilityBeyond: (step: number, limit: Limit) => number,
): NextHour | null {
  const points = values.subarray(0, Math.floor(HOUR_MS / stepMs));
  if (points.length === 0) return null;
  const isSure = (direction: Limit['direction']): boolean =>
    probabilityBeyond(points.length - 1, { direction, value: newest }) >= SURE;
  return {
    mean: points.reduce((a, b) => a + b) / points.length,
    min: points.reduce((a, b) => Math.min(a, b)),
    max: points.reduce((a, b) => Math.max(a, b)),
    trend: isSure('above') ? 'rising' : isSure('below') ? 'falling' : 'steady',
  };
}
