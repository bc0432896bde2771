import { mean, median } from '../../core/statistics';
import { runningSums } from './products';
import type { Season, SeasonPhases } from './season';

/** What a series usually does at each phase of the day and, beside that, of the week; both around 0. */
export interface Profile {
  readonly day: Float64Array;
  /** Empty without a week. */
  readonly week: Float64Array;
}

/** Half-life of a sample's weight: three weeks, or one where no week is told from the others. */
const HALF_LIFE_WEEKS = 3;
const HALF_LIFE_WITHOUT_WEEK = 1;
/** Samples further off than this many half-lives are left out. */
const REACH = 4;
/** In the second pass a residual counts in full up to this many deviations. */
const FULL_WEIGHT_DEVIATIONS = 2.5;
const DEVIATIONS_PER_MAD = 1.4826;
const PASSES = 2;
const TINY = 1e-12;

const halfLife = ({ day, week }: Season): number =>
  week > 0 ? HALF_LIFE_WEEKS * week : HALF_LIFE_WITHOUT_WEEK * 7 * day;

/** How many samples on one side of its centre a profile is made from. */
export const profileReach = (season: Season): number => REACH * halfLife(season);

/** Whether so many samples tell a week from the days in it. */
export const tellsWeek = ({ day, week }: Season, samples: number): boolean => week > 0 && samples >= 2 * week + day;

/**
 * The profile of a series whose level may wander: by phase the mean deviation from a moving average, weighted by nearness
 * to `centre`; what the days of a week have of their own is shrunken by its signal-to-noise ratio (empirical Bayes).
 * A second pass takes the first one's profile out of the moving average, and outliers' weight away. Linear time.
 * @param phases - of these samples
 * @param centre - index, perhaps beyond the samples, around which they count in full
 */
export function estimateProfile(values: Float64Array, season: Season, phases: SeasonPhases, centre: number): Profile {
  const n = values.length;
  const hasWeek = tellsWeek(season, n);
  const nearness = nearnessTo(centre, n, halfLife(season));
  const seasonal = new Float64Array(n);
  const levelled = values.slice();
  const residuals = new Float64Array(n);
  let profile: Profile = { day: new Float64Array(season.day), week: new Float64Array(0) };
  for (let pass = 0; pass < PASSES; pass++) {
    const level = movingAverage(levelled, pass === 0 && hasWeek ? season.week : season.day);
    for (let i = 0; i < n; i++) residuals[i] = values[i]! - level[i]!;
    const weights = pass === 0 ? nearness : robustWeights(nearness, residuals, seasonal);
    profile = byPhase(residuals, weights, phases, season, hasWeek);
    if (pass === PASSES - 1) break;
    for (let i = 0; i < n; i++) {
      seasonal[i] = seasonalValue(profile, phases, i);
      levelled[i] = values[i]! - seasonal[i]!;
    }
  }
  return profile;
}

function nearnessTo(centre: number, samples: number, halfLifeSamples: number): Float64Array {
  const rate = -Math.LN2 / halfLifeSamples;
  const weights = new Float64Array(samples);
  for (let i = 0; i < samples; i++) weights[i] = Math.exp(rate * Math.abs(i - centre));
  return weights;
}

/** What the profile says of sample i of `phases`, counted from its first. */
export function seasonalValue({ day, week }: Profile, phases: SeasonPhases, i: number): number {
  return week.length > 0 ? day[phases.day[i]!]! + week[phases.week[i]!]! : day[phases.day[i]!]!;
}

/** Mean of the `length` samples around each; at the ends of as many as there are. */
function movingAverage(values: Float64Array, length: number): Float64Array {
  const sums = runningSums(values);
  const half = Math.floor(length / 2);
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const from = Math.max(0, i - half);
    const to = Math.min(out.length, i + half + (length % 2));
    out[i] = (sums[to]! - sums[from]!) / (to - from);
  }
  return out;
}

function robustWeights(nearness: Float64Array, residuals: Float64Array, seasonal: Float64Array): Float64Array {
  const sizes = new Float64Array(residuals.length);
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.abs(residuals[i]! - seasonal[i]!);
  const limit = FULL_WEIGHT_DEVIATIONS * (DEVIATIONS_PER_MAD * median(sizes) + TINY);
  for (let i = 0; i < sizes.length; i++) sizes[i] = nearness[i]! * Math.min(1, limit / (sizes[i]! + TINY));
  return sizes;
}

function byPhase(
  residuals: Float64Array,
  weights: Float64Array,
  phases: SeasonPhases,
  season: Season,
  hasWeek: boolean,
): Profile {
  const day = centred(phaseMeans(residuals, weights, phases.day, season.day).means);
  if (!hasWeek) return { day, week: new Float64Array(0) };
  const rest = residuals.map((residual, i) => residual - day[phases.day[i]!]!);
  const { means, effective } = phaseMeans(rest, weights, phases.week, season.week);
  let within = 0;
  let total = 0;
  for (let i = 0; i < rest.length; i++) {
    within += weights[i]! * (rest[i]! - means[phases.week[i]!]!) ** 2;
    total += weights[i]!;
  }
  // Variance of a mean of `effective` independent samples, and what of the means' variance is beyond it.
  const noise = within / total / Math.max(effective - 1, 0.5);
  const week = centred(means);
  const power = mean(week.map((value) => value * value));
  const signal = Math.max(0, power - noise);
  return { day, week: week.map((value) => (value * signal) / (signal + noise + TINY)) };
}

/** Weighted means by phase, and how many equally weighted samples the mean of a phase is worth. */
function phaseMeans(
  values: Float64Array,
  weights: Float64Array,
  phase: Uint32Array,
  period: number,
): { means: Float64Array; effective: number } {
  const means = new Float64Array(period);
  const total = new Float64Array(period);
  const squares = new Float64Array(period);
  for (let i = 0; i < values.length; i++) {
    const p = phase[i]!;
    const weight = weights[i]!;
    means[p]! += weight * values[i]!;
    total[p]! += weight;
    squares[p]! += weight * weight;
  }
  let effective = 0;
  for (let p = 0; p < period; p++) {
    means[p]! /= Math.max(total[p]!, TINY);
    effective += total[p]! ** 2 / Math.max(squares[p]!, TINY) / period;
  }
  return { means, effective };
}

function centred(values: Float64Array): Float64Array {
  const middle = mean(values);
  return values.map((value) => value - middle);
}
