import { MlError } from '../core/errors';
import { normalQuantile } from '../core/quantiles';
import { quantileSorted } from '../core/statistics';

/** What is known of a forecast's errors: plain data, stored with the model. */
export interface IntervalState {
  /** Errors are measured between values (`identity`) or between their square roots. */
  readonly scale: 'identity' | 'sqrt';
  /** Shortest seasonal period in samples; below 2: none. */
  readonly period: number;
  /** Size of the error at each step of the horizon, on the scale, > 0. */
  readonly stepScales: Float64Array;
  /** Absolute errors in units of their step's scale, the oldest first, at least one and at most `MAX_SCORES`. */
  readonly scores: Float64Array;
  /** Degrees of freedom of the Student distribution that the intervals are widened by, at least 2. */
  readonly freedom: number;
  /** Errors count as at least so large, on the scale; 0 only for a series that never changed. */
  readonly resolution: number;
}

export interface Backtested {
  /** `origins × horizon`, row-major, in the target's unit. */
  readonly forecasts: Float64Array;
  /** What came: as many, in the same order. */
  readonly actuals: Float64Array;
  /** Sample that each forecast begins with, rising; none where there was too little for a backtest. */
  readonly origins: readonly number[];
  readonly horizon: number;
  /** Shortest seasonal period in samples; below 2: none. */
  readonly period: number;
  /** True where every value of the training samples is above 0. */
  readonly positive: boolean;
  /** Mean absolute error of repeating the last season within the training samples, in the target's unit. */
  readonly naiveError: number;
}

/** Scores that are kept: so many say where 19 of 20 lie to within a percent or so. */
export const MAX_SCORES = 6_144;
/** No step's scale is smaller than this share of the largest. */
const SMALLEST_SCALE = 0.02;
/** Errors below this share of the naive forecast's are as good as none, or of what the middle 80 % of the values span. */
const RESOLUTION = 1e-3;
const MIDDLE = [0.1, 0.9] as const;
/** A scale for a series that never changed, in units of its value: smaller than anything that is measured. */
const SCALE_WITHOUT_ERRORS = 1e-9;
/** No scale is smaller, so that the largest number there can be is finite in its units. */
const LEAST_SCALE = 1e-100;
/** Degrees of freedom that each independent window of errors is worth, and the fewest. */
export const FREEDOM_PER_WINDOW = 3;
export const LEAST_FREEDOM = 2;
/** With fewer windows, one joins them with errors as the naive forecast makes them. */
const ENOUGH_WINDOWS = 2;
/** Steps that stand for all of an origin's where there are many origins. */
const STEPS_OF_MANY = 16;
/** Scores that stand for such a window where it is the only one. */
const SCORES_WITHOUT_BACKTEST = 64;

/**
 * Learns how far off forecasts are, from a backtest: split conformal prediction (J. Lei et al.: Distribution-free
 * predictive inference for regression. J. Am. Stat. Assoc. 113, 2018), with errors in units of what is usual at their
 * step. The scores are pooled over all steps.
 *
 * Neighbouring origins share most of their future, so what counts is how many windows without overlap they are worth:
 * few of them know little of rare errors, which the Student distribution makes up for. With fewer than two, the naive
 * forecast's errors stand in for a window.
 * @throws MlError `DATA` where forecasts and actual values do not fit the origins and the horizon
 */
export function calibrateIntervals(input: Backtested): IntervalState {
  const { forecasts, actuals, origins, horizon, period, naiveError } = input;
  const size = origins.length * horizon;
  if (forecasts.length !== size || actuals.length !== size) {
    const got = `${forecasts.length} forecasts and ${actuals.length} actual values`;
    throw new MlError('DATA', `${origins.length} origins × ${horizon} steps must have ${size} of each, got ${got}.`);
  }
  const scale = input.positive && size > 0 ? 'sqrt' : 'identity';
  const typicalSize = size > 0 ? actuals.reduce((sum, value) => sum + Math.abs(value), 0) / size : 1;
  // On the square root, a small difference shrinks by the derivative.
  const naive = scale === 'sqrt' ? naiveError / (2 * Math.sqrt(typicalSize)) : naiveError;
  const usualSpan = middleSpan(scale, actuals);
  // One wild value makes the naive forecast look hopeless; what the values usually span it leaves as it is.
  const resolution = RESOLUTION * (usualSpan > 0 ? Math.min(naive, usualSpan) : naive);
  const errors = forecasts.map((value, i) => Math.max(resolution, errorOf(scale, value, actuals[i]!)));
  const smallest = Math.max(SCALE_WITHOUT_ERRORS * typicalSize, LEAST_SCALE);
  const span = origins.length > 0 ? origins.at(-1)! - origins[0]! + 1 : 0;
  // That could stand side by side where the origins are.
  const windows = span > 0 ? (span - 1) / horizon + 1 : 0;
  const isEnough = windows >= ENOUGH_WINDOWS;
  const naives = naiveScales(naive, horizon, period);
  const seen = size > 0 ? stepMeans(errors, horizon) : naives;
  const usual = isEnough ? seen : seen.map((mean, step) => (windows * mean + naives[step]!) / (windows + 1));
  const largest = usual.reduce((a, b) => Math.max(a, b));
  const stepScales = usual.map((each) => Math.max(each, SMALLEST_SCALE * largest, smallest));

  const scores = sampledScores(errors, stepScales, isEnough ? MAX_SCORES : MAX_SCORES / 2);
  if (!isEnough) {
    const naiveScore = naives.reduce((sum, each, step) => sum + each / stepScales[step]!, 0) / horizon;
    const count = size > 0 ? Math.ceil(scores.length / windows) : SCORES_WITHOUT_BACKTEST;
    // Before the backtest's own, so that they are the first to go when actual values come.
    scores.unshift(...halfNormal(count, naiveScore));
  }
  const freedom = Math.max(LEAST_FREEDOM, (FREEDOM_PER_WINDOW * span) / horizon);
  return { scale, period, stepScales, scores: Float64Array.from(scores), freedom, resolution };
}

/** A value as errors are measured; below 0 the square root goes on by symmetry. */
export function toScale(scale: IntervalState['scale'], value: number): number {
  return scale === 'identity' ? value : Math.sign(value) * Math.sqrt(Math.abs(value));
}

/** The value that `toScale` makes `scaled` of. */
export function fromScale(scale: IntervalState['scale'], scaled: number): number {
  return scale === 'identity' ? scaled : scaled * Math.abs(scaled);
}

/** Absolute error on the scale. */
export function errorOf(scale: IntervalState['scale'], forecast: number, actual: number): number {
  return Math.abs(toScale(scale, actual) - toScale(scale, forecast));
}

/** Size of the error at any step, 0 the first; beyond the horizon it grows as that of a random walk. */
export function scaleAt({ stepScales }: IntervalState, step: number): number {
  const { length } = stepScales;
  return step < length ? stepScales[step]! : stepScales[length - 1]! * Math.sqrt((step + 1) / length);
}

/** What the middle of the values spans, on the scale. */
function middleSpan(scale: IntervalState['scale'], values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.slice().sort();
  const [low, high] = MIDDLE.map((share) => toScale(scale, quantileSorted(sorted, share)));
  return high! - low!;
}

/** Mean absolute error of each step, smoothed over about a sixth of the horizon. */
function stepMeans(errors: Float64Array, horizon: number): Float64Array {
  const means = new Float64Array(horizon);
  const origins = errors.length / horizon;
  errors.forEach((error, i) => (means[i % horizon]! += error / origins));
  const reach = Math.max(1, Math.floor(horizon / 12));
  return means.map((_, step) => {
    let sum = 0;
    for (let j = step - reach; j <= step + reach; j++) sum += means[Math.min(Math.max(j, 0), horizon - 1)]!;
    return sum / (2 * reach + 1);
  });
}

/**
 * What is to be expected where nothing was tried: the naive forecast's errors, growing from season to season
 * (R. Hyndman, G. Athanasopoulos: Forecasting: Principles and Practice, 3rd edition, 5.5. OTexts, 2021).
 */
function naiveScales(naive: number, horizon: number, period: number): Float64Array {
  const season = Math.max(1, period);
  return Float64Array.from({ length: horizon }, (_, step) => naive * Math.sqrt(1 + Math.floor(step / season)));
}

/** At most so many of the scores: some steps of each origin, or else of some origins, evenly spread. */
function sampledScores(errors: Float64Array, stepScales: Float64Array, most: number): number[] {
  const horizon = stepScales.length;
  const origins = errors.length / horizon;
  const rows = Math.min(origins, Math.floor(most / Math.min(horizon, STEPS_OF_MANY)));
  const perRow = Math.min(horizon, Math.floor(most / Math.max(1, rows)));
  const scores: number[] = [];
  for (let row = 0; row < rows; row++) {
    const origin = Math.floor((row * origins) / rows);
    // Each row begins elsewhere, so that together they show every step.
    const shift = (row * 0.618) % 1;
    for (let k = 0; k < perRow; k++) {
      const step = perRow === horizon ? k : Math.floor(((k + shift) * horizon) / perRow);
      scores.push(errors[origin * horizon + step]! / stepScales[step]!);
    }
  }
  return scores;
}

/** So many evenly spread quantiles of a normally distributed error's size, whose mean is `mean`. */
function halfNormal(count: number, mean: number): number[] {
  const deviation = mean * Math.sqrt(Math.PI / 2);
  return Array.from({ length: count }, (_, i) => deviation * normalQuantile(0.5 + (i + 0.5) / (2 * count)));
}
