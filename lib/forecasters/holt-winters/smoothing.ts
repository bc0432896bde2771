import type { SeasonKind } from '../classical/decompose';

export const TRENDS = ['none', 'additive', 'damped'] as const;
export type TrendKind = (typeof TRENDS)[number];

/** What kind of exponential smoothing, and how fast each of its states follows. */
export interface Smoothing {
  readonly season: SeasonKind;
  readonly trend: TrendKind;
  /** α, 0…1: of the level. */
  readonly level: number;
  /** β*, 0…1: of the slope; 0 without a trend. */
  readonly slope: number;
  /** γ, 0…1 − α: of the season; 0 without one. */
  readonly seasonal: number;
  /** φ, what is left of the slope after each step; 1 where it is not damped. */
  readonly damping: number;
}

/** Where the recursion stands after a sample. */
export interface States {
  level: number;
  /** A step. */
  slope: number;
  /** By phase. Without a season one value that never changes: 0 where additive, 1 where multiplicative. */
  readonly season: Float64Array;
  /** > 0. A level below it is taken for it where the season is a factor, which nothing else could be divided by. */
  readonly lowest: number;
}

/** What the states were on the way, a number a sample. */
export class Trace {
  /** After the sample. */
  readonly level: Float64Array;
  /** After the sample. */
  readonly slope: Float64Array;
  /** The season that the sample was expected to have. */
  readonly season: Float64Array;

  constructor(samples: number) {
    this.level = new Float64Array(samples);
    this.slope = new Float64Array(samples);
    this.season = new Float64Array(samples);
  }
}

/**
 * Moves the states over the values, in place (C. Holt 1957, P. Winters 1960, in the error-correction form of R. Hyndman
 * and others: Forecasting with Exponential Smoothing. Springer, 2008).
 * @param phases - of each value
 * @param trace - is filled
 */
export function smooth(
  values: Float64Array,
  phases: Uint32Array,
  smoothing: Smoothing,
  states: States,
  trace?: Trace,
): void {
  if (smoothing.season === 'additive') smoothAdditive(values, phases, smoothing, states, trace);
  else smoothMultiplicative(values, phases, smoothing, states, trace);
}

function smoothAdditive(
  values: Float64Array,
  phases: Uint32Array,
  smoothing: Smoothing,
  states: States,
  trace: Trace | undefined,
): void {
  const { damping, seasonal, level: alpha } = smoothing;
  const beta = alpha * smoothing.slope;
  const { season } = states;
  let { level, slope } = states;
  for (let i = 0; i < values.length; i++) {
    const phase = phases[i]!;
    const damped = damping * slope;
    const expected = level + damped;
    const summand = season[phase]!;
    const error = values[i]! - expected - summand;
    level = expected + alpha * error;
    slope = damped + beta * error;
    season[phase] = summand + seasonal * error;
    if (trace) note(trace, i, level, slope, summand);
  }
  states.level = level;
  states.slope = slope;
}

function smoothMultiplicative(
  values: Float64Array,
  phases: Uint32Array,
  smoothing: Smoothing,
  states: States,
  trace: Trace | undefined,
): void {
  const { damping, seasonal, level: alpha } = smoothing;
  const beta = alpha * smoothing.slope;
  const { season, lowest } = states;
  let { level, slope } = states;
  for (let i = 0; i < values.length; i++) {
    const phase = phases[i]!;
    const factor = season[phase]!;
    const damped = damping * slope;
    const expected = Math.max(lowest, level + damped);
    const error = values[i]! - expected * factor;
    level = expected + (alpha * error) / factor;
    slope = damped + (beta * error) / factor;
    season[phase] = Math.max(SMALLEST_FACTOR, factor + (seasonal * error) / expected);
    if (trace) note(trace, i, level, slope, factor);
  }
  states.level = level;
  states.slope = slope;
}

function note(trace: Trace, i: number, level: number, slope: number, season: number): void {
  trace.level[i] = level;
  trace.slope[i] = slope;
  trace.season[i] = season;
}

/** Keeps a season that is a factor away from zero. */
const SMALLEST_FACTOR = 1e-3;

/** The values that follow the states. @param phases - of each step @param steps - is filled */
export function extrapolate(phases: Uint32Array, smoothing: Smoothing, states: States, steps: Float64Array): void {
  const { season, lowest } = states;
  let { level, slope } = states;
  for (let j = 0; j < steps.length; j++) {
    slope *= smoothing.damping;
    level += slope;
    const factor = season[phases[j]!]!;
    steps[j] = smoothing.season === 'additive' ? level + factor : Math.max(lowest, level) * factor;
  }
}
