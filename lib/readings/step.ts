import { quantileSorted } from 'simple-statistics';
import type { ReadingTable } from '../core/readings';

/** So many usual intervals without a reading are a gap. */
const GAP_INTERVALS = 5;
/** A window stands for its time as long as it has not passed so many times over in silence. */
const GAP_LOOKBACKS = 2;

/** How far apart readings come. */
export interface Intervals {
  /** Median, in ms; 0 where no two readings have different times. */
  readonly medianMs: number;
  /** The interval that 95 % do not exceed, in ms; 0 likewise. */
  readonly longMs: number;
}

/** Of all devices together; the same time twice does not count. */
export function intervalsOf(tables: readonly ReadingTable[]): Intervals {
  const intervals = new Float64Array(tables.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0));
  let count = 0;
  for (const { timestampsMs } of tables) {
    for (let i = 1; i < timestampsMs.length; i++) {
      const interval = timestampsMs[i]! - timestampsMs[i - 1]!;
      if (interval > 0) intervals[count++] = interval;
    }
  }
  if (count === 0) return { medianMs: 0, longMs: 0 };
  const sorted = intervals.subarray(0, count).sort() as unknown as number[];
  return { medianMs: quantileSorted(sorted, 0.5), longMs: quantileSorted(sorted, 0.95) };
}

/**
 * The silence that counts as a gap: five steps, or five of the longer intervals where readings come irregularly, such
 * as tags that arrive in bursts; and longer than twice what windows and lags reach back.
 * @param lookback - rows that features reach back
 */
export function gapFor(stepMs: number, { longMs }: Intervals, lookback: number): number {
  return Math.max(GAP_INTERVALS, GAP_LOOKBACKS * lookback) * Math.max(stepMs, longMs);
}
