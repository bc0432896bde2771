import type { ZoneOffset } from './time-zone';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01, day 0, was a Thursday: three days after a Monday. */
const FIRST_WEEKDAY = 3;

/** Time of day as an angle: 0 at local midnight, rising evenly to 2π. */
export function hourAngle(timestampMs: number, offset: ZoneOffset): number {
  const localMs = timestampMs + offset(timestampMs);
  return (2 * Math.PI * remainder(localMs, DAY_MS)) / DAY_MS;
}

/** Day of the week as an angle: 0 on a local Monday, 2π/7 on Tuesday …; the same for the whole day. */
export function weekdayAngle(timestampMs: number, offset: ZoneOffset): number {
  const localMs = timestampMs + offset(timestampMs);
  return (2 * Math.PI * remainder(Math.floor(localMs / DAY_MS) + FIRST_WEEKDAY, 7)) / 7;
}

/** In [0, divisor), also for what lies before 1970. */
function remainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
