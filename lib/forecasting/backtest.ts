import type { History, TrainingHistory } from '../core/history';

/** Where a history is cut for a backtest: fitted on what comes before, tried on what comes after. */
export interface Split {
  /** Samples to fit on; the first origin. */
  readonly trainingEnd: number;
  /** Rising, from `trainingEnd` on; the samples of each forecast are all there. */
  readonly origins: readonly number[];
}

/** Most origins of a backtest, and most of one whose horizon is longer than `LONG_HORIZON` steps. */
const MAX_ORIGINS = 240;
const MAX_ORIGINS_LONG = 48;
const LONG_HORIZON = 192;
/** Of the history, the largest share that is held out beside one horizon, and so many periods at most. */
const HELD_OUT = 1 / 6;
const HELD_OUT_PERIODS = 56;
const PERIOD_OF_NONE = 24;
/** A backtest from fewer steps says nothing. */
const FEWEST_HELD_OUT = 8;

/** Samples that must come before a backtest's first origin. */
function leastTraining(horizon: number, period: number, minRows: number): number {
  return Math.max(3 * horizon, 2 * period + 10, minRows);
}

/**
 * Samples from which there can be a backtest.
 * @param period - the shortest one; 0: none
 * @param minRows - what an algorithm needs to be fitted at all
 */
export function samplesForBacktest(horizon: number, period: number, minRows: number): number {
  return leastTraining(horizon, period, minRows) + FEWEST_HELD_OUT + horizon;
}

/**
 * A backtest with a rolling origin on the end of the history (L. Tashman: Out-of-sample tests of forecasting accuracy.
 * Int. J. Forecasting 16, 2000): its last sixth, but at least two horizons and at most 56 periods.
 * @returns null where there are fewer than `samplesForBacktest`
 */
export function splitForBacktest(samples: number, horizon: number, period: number, minRows: number): Split | null {
  const wanted = Math.min(Math.floor(samples * HELD_OUT), HELD_OUT_PERIODS * (period || PERIOD_OF_NONE));
  const most = samples - horizon - leastTraining(horizon, period, minRows);
  const heldOut = Math.min(Math.max(2 * horizon, wanted), most);
  if (heldOut < FEWEST_HELD_OUT) return null;
  const trainingEnd = samples - horizon - heldOut;
  const stride = Math.ceil((heldOut + 1) / (horizon > LONG_HORIZON ? MAX_ORIGINS_LONG : MAX_ORIGINS));
  const count = Math.floor(heldOut / stride) + 1;
  return { trainingEnd, origins: Array.from({ length: count }, (_, i) => trainingEnd + i * stride) };
}

/** The samples that came after each origin: `origins × horizon`, row-major. */
export function samplesAfter({ target }: History, origins: readonly number[], horizon: number): Float64Array {
  const after = new Float64Array(origins.length * horizon);
  origins.forEach((origin, row) => after.set(target.subarray(origin, origin + horizon), row * horizon));
  return after;
}

/** Mean absolute error; both equally long, not empty. */
export function meanAbsoluteError(forecasts: Float64Array, actuals: Float64Array): number {
  return forecasts.reduce((sum, value, i) => sum + Math.abs(value - actuals[i]!), 0) / forecasts.length;
}

/** Symmetric mean absolute percentage error, 0…200 (S. Makridakis: Accuracy measures. Int. J. Forecasting 9, 1993). */
export function symmetricError(forecasts: Float64Array, actuals: Float64Array): number {
  const sum = forecasts.reduce((total, value, i) => {
    const actual = actuals[i]!;
    const size = Math.abs(value) + Math.abs(actual);
    return total + (size > 0 ? Math.abs(value - actual) / size : 0);
  }, 0);
  return (200 * sum) / forecasts.length;
}

/**
 * Mean absolute error of repeating the last season within the samples: the unit of MASE (R. Hyndman, A. Koehler: Another
 * look at measures of forecast accuracy. Int. J. Forecasting 22, 2006). Without a season, of repeating the last value.
 * @returns > 0; where the season repeats exactly, the error of repeating the last value; for a constant series 1
 */
export function naiveErrorOf({ target, periods }: Pick<TrainingHistory, 'target' | 'periods'>): number {
  for (const lag of [periods[0] ?? 1, 1]) {
    let sum = 0;
    for (let i = lag; i < target.length; i++) sum += Math.abs(target[i]! - target[i - lag]!);
    if (sum > 0) return sum / (target.length - lag);
  }
  return 1;
}
