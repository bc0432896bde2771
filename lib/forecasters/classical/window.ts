import type { History } from '../../core/history';
import { phases } from '../../readings/phases';

/** No forecaster looks further back than this: two weeks of minutes. */
export const MAX_LOOKBACK = 20_160;
/** What is older than so many periods tells little of how a season goes now. */
const PERIODS = 20;
const FEWEST_SAMPLES = 200;

/** Samples that exponential smoothing starts from, before each origin. */
export function lookbackOf(period: number): number {
  return Math.min(MAX_LOOKBACK, Math.max(FEWEST_SAMPLES, PERIODS * period));
}

/** The season to learn: the shortest or the longest that was seen twice and fits into a lookback twice; else 1, none. */
export function usablePeriod(periods: readonly number[], samples: number, which: string): number {
  const usable = periods.filter((period) => 2 * period <= Math.min(samples, MAX_LOOKBACK));
  return (which === 'longest' ? usable.at(-1) : usable[0]) ?? 1;
}

/** What lies before one origin, and where in the season that and the steps after it are. */
export interface Window {
  readonly values: Float64Array;
  readonly phases: Uint32Array;
  /** Phases of the steps that follow. */
  readonly ahead: Uint32Array;
}

/**
 * A forecast for each origin, made from the window before it: row-major, `origins × horizon`.
 * @param fill - writes the steps that follow the window
 */
export function forecastWindows(
  history: History,
  origins: readonly number[],
  horizon: number,
  { lookback, period }: { readonly lookback: number; readonly period: number },
  fill: (window: Window, steps: Float64Array) => void,
): Float64Array {
  const out = new Float64Array(origins.length * horizon);
  if (origins.length === 0) return out;
  const first = Math.max(0, origins[0]! - lookback);
  const all = phases(history, first, origins.at(-1)! + horizon - first, period);
  origins.forEach((origin, row) => {
    const from = Math.max(0, origin - lookback);
    const window: Window = {
      values: history.target.subarray(from, origin),
      phases: all.subarray(from - first, origin - first),
      ahead: all.subarray(origin - first, origin - first + horizon),
    };
    fill(window, out.subarray(row * horizon, (row + 1) * horizon));
  });
  return out;
}
