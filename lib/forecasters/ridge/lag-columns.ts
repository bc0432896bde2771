/**
 * One number known at an origin: the mean of a series over its samples `near` to `far` steps back; 1 is the newest.
 * For outputs the steps are negative or 0: the sample j steps ahead, from 0 on, is −j steps back.
 */
export interface LagColumn {
  readonly series: number;
  readonly near: number;
  readonly far: number;
}

/** Single samples, `lags` steps back. */
export function lagColumns(series: number, lags: readonly number[]): LagColumn[] {
  return lags.map((lag) => ({ series, near: lag, far: lag }));
}

/** Lags from 1 to `count`. */
export function firstLags(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** How far back the columns look. */
export function reachOf(columns: readonly LagColumn[]): number {
  return columns.reduce((reach, { far }) => Math.max(reach, far), 1);
}

const DENSE = 49;
const GROWTH = 1.3;
/** Of a history, the share that lags may reach back. */
const LARGEST_REACH = 0.4;

/**
 * Lags of the one-step model: all of the last two periods where these are short; else the newest 49, geometrically
 * fewer up to three quarters of a period, and those around a period and at two.
 * @param period - in samples; 0: none
 */
export function recursiveLags(period: number, samples: number, largest: number): number[] {
  const wanted = period > 0 ? 2 * period + 1 : 48;
  const lags = new Set(firstLags(Math.min(wanted, DENSE, Math.max(2, Math.floor(samples / 6)))));
  if (wanted > DENSE && period > 0) {
    for (let lag = DENSE; lag < 0.75 * period; lag *= GROWTH) lags.add(Math.floor(lag));
    for (const lag of [period - 1, period, period + 1, 2 * period]) lags.add(lag);
  }
  const limit = Math.min(largest, Math.max(1, samples * LARGEST_REACH));
  return [...lags].filter((lag) => lag >= 1 && lag <= limit).sort((a, b) => a - b);
}

const NEWEST = 24;
const BLOCK_GROWTH = 1.25;

/**
 * Columns of the direct model for long periods: the newest 24 samples, and means of blocks that grow geometrically, up
 * to `reach` steps back.
 */
export function blockColumns(series: number, reach: number): LagColumn[] {
  const columns = lagColumns(series, firstLags(NEWEST));
  let edge = NEWEST;
  while (edge < reach) {
    const next = Math.ceil(edge * BLOCK_GROWTH);
    const far = next < reach ? next : reach;
    columns.push({ series, near: edge + 1, far });
    edge = far;
  }
  return columns;
}
