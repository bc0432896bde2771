import { quantileSorted } from '../core/statistics';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people set their loggers to, in ms, the shortest first. */
const SENSIBLE_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 25, 40, 50, 100, 200, 250, 500],
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * SECOND),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * HOUR),
  ...[1, 7].map((count) => count * DAY),
];
/** An interval this near to a sensible step, relatively, is meant to be it. */
const SNAP = 0.03;
/** Intervals beyond this quantile are pauses. */
const PAUSES_FROM = 0.95;
/** Most readings come this many times faster than time goes by: they come in bursts. */
const BURST_FACTOR = 3;

/**
 * The step of readings: their median interval, snapped to a whole step such as 5 s or 15 min where it is near one.
 * Where readings come in bursts (several tags, one message each) it is the time from burst to burst, found as the
 * interval that half of the time is spent in. Pauses of the plant do not count, nor does the same time twice.
 * @param timestampsMs - never decreasing
 * @returns whole ms, at least 1; 0 where no two times differ
 */
export function findStep(timestampsMs: Float64Array): number {
  const intervals = new Float64Array(timestampsMs.length);
  let count = 0;
  for (let i = 1; i < timestampsMs.length; i++) {
    const interval = timestampsMs[i]! - timestampsMs[i - 1]!;
    if (interval > 0) intervals[count++] = interval;
  }
  if (count === 0) return 0;
  const sorted = intervals.subarray(0, count).sort();
  const median = quantileSorted(sorted, 0.5);
  const timely = halfOfTheTime(sorted, quantileSorted(sorted, PAUSES_FROM));
  return snap(timely > BURST_FACTOR * median ? timely : median);
}

/** The interval up to which half of the time passes, of those that are no longer than `longest`. */
function halfOfTheTime(sorted: Float64Array, longest: number): number {
  let total = 0;
  for (const interval of sorted) if (interval <= longest) total += interval;
  let passed = 0;
  for (const interval of sorted) {
    passed += interval;
    if (2 * passed >= total) return interval;
  }
  return longest;
}

function snap(intervalMs: number): number {
  const distance = (step: number): number => Math.abs(Math.log(intervalMs / step));
  const nearest = SENSIBLE_STEPS.reduce((best, step) => (distance(step) < distance(best) ? step : best));
  return distance(nearest) <= SNAP ? nearest : Math.max(1, Math.round(intervalMs));
}
