import type { History } from '../core/history';
import { zoneOffset, type ZoneOffset } from './time-zone';

const DAY_MS = 86_400_000;
/** No zone changes its clocks and changes them back within so short a time. */
const STRIDE_MS = 7 * DAY_MS;

/**
 * Where samples stand within a season: 0 … period − 1, rising by one from sample to sample. A season of whole days
 * follows local time, so that noon stays noon when the clocks change: an hour's phases are then left out or come twice.
 * Any other season is counted from the epoch. A history that starts elsewhere gives the same phases at the same times.
 * @param first - index of the first sample; may lie before the history or after it
 * @param period - in samples
 */
export function phases(
  { startMs, stepMs, timeZone }: Pick<History, 'startMs' | 'stepMs' | 'timeZone'>,
  first: number,
  count: number,
  period: number,
): Uint32Array {
  const out = new Uint32Array(count);
  const timeOf = (i: number): number => startMs + (first + i) * stepMs;
  const offset: ZoneOffset = (period * stepMs) % DAY_MS === 0 ? zoneOffset(timeZone) : () => 0;
  for (let start = 0; start < count;) {
    const shift = offset(timeOf(start));
    const end = sameOffsetUntil(offset, shift, timeOf, start, Math.min(count, start + Math.ceil(STRIDE_MS / stepMs)));
    let phase = remainder(Math.floor((timeOf(start) + shift) / stepMs), period);
    for (let i = start; i < end; i++) {
      out[i] = phase;
      if (++phase === period) phase = 0;
    }
    start = end;
  }
  return out;
}

/** The first sample after `start` with another offset, at most `end`: found by halving. */
function sameOffsetUntil(
  offset: ZoneOffset,
  shift: number,
  timeOf: (i: number) => number,
  start: number,
  end: number,
): number {
  if (offset(timeOf(end - 1)) === shift) return end;
  let [same, other] = [start, end - 1];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offset(timeOf(middle)) === shift) same = middle;
    else other = middle;
  }
  return other;
}

/** In [0, divisor), also for what lies before 1970. */
function remainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
