import { minimise } from '../../core/nelder-mead';
import type { SeasonKind } from '../classical/decompose';
import { meanSquaredError } from './errors';
import { smooth, Trace, type Smoothing, type States, type TrendKind } from './smoothing';

/** A fitted smoothing, and how well it foresaw the values. */
export interface FittedSmoothing {
  readonly smoothing: Smoothing;
  /** Mean squared error at the leads. */
  readonly error: number;
  /** The states after the last value. */
  readonly states: States;
}

/** What is fitted: the kinds are given. */
export interface Kinds {
  readonly season: SeasonKind;
  readonly trend: TrendKind;
}

const LOWEST_DAMPING = 0.8;
const HIGHEST_DAMPING = 0.995;
/** Shares α, β*, γ / (1 − α) and the damping's place in its range that the search starts from: a slow and a quick one. */
const STARTS = [
  [0.1, 0.05, 0.1, 0.8],
  [0.7, 0.1, 0.3, 0.8],
] as const;

const logit = (share: number): number => Math.log(share / (1 - share));
/** Kept away from 0 and 1, where nothing moves any more. */
const share = (x: number): number => 1e-4 + (1 - 2e-4) / (1 + Math.exp(-x));

/**
 * The smoothing with the least squared errors, from the initial states given. Its four numbers are looked for on a logit
 * scale, which keeps them inside their ranges.
 * @param phases - of each value
 * @param leads - steps ahead at which the errors count
 */
export function fitSmoothing(
  values: Float64Array,
  phases: Uint32Array,
  kinds: Kinds,
  initial: States,
  leads: readonly number[],
): FittedSmoothing {
  const trace = new Trace(values.length);
  const hasSeason = initial.season.length > 1;
  const hasTrend = kinds.trend !== 'none';
  const isDamped = kinds.trend === 'damped';
  const used = [true, hasTrend, hasSeason, isDamped];
  const smoothingAt = (at: Float64Array): Smoothing => {
    let next = 0;
    const [level, slope, seasonal, damping] = used.map((is) => (is ? share(at[next++]!) : 0));
    return {
      ...kinds,
      level: level!,
      slope: slope!,
      seasonal: seasonal! * (1 - level!),
      damping: isDamped ? LOWEST_DAMPING + (HIGHEST_DAMPING - LOWEST_DAMPING) * damping! : 1,
    };
  };
  const run = (smoothing: Smoothing): FittedSmoothing => {
    const states = { ...initial, season: initial.season.slice() };
    smooth(values, phases, smoothing, states, trace);
    return { smoothing, error: meanSquaredError(values, smoothing, initial.season.length, leads, trace), states };
  };
  const found = STARTS.map((start) =>
    minimise((at) => run(smoothingAt(at)).error, start.filter((_, i) => used[i]).map(logit), {
      tolerance: 1e-5,
      precision: 0.5,
      maxEvaluations: 200,
    }),
  );
  const best = found.reduce((a, b) => (b.value < a.value ? b : a));
  return run(smoothingAt(best.at));
}

/**
 * Akaike's criterion for normal errors, corrected for short series: smaller is better. Exact for one-step errors.
 * @param size - mean square of the values' differences, below which errors are not told apart
 */
export function aicc({ error, smoothing, states }: FittedSmoothing, samples: number, size: number): number {
  const season = states.season.length > 1 ? states.season.length : 0;
  const trend = { none: 0, additive: 2, damped: 3 }[smoothing.trend];
  const free = 2 + trend + season;
  const left = samples - free - 1;
  if (left <= 0) return Infinity;
  return samples * Math.log(error + 1e-12 * size) + (2 * free * samples) / left;
}
