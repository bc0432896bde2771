import { autocorrelations } from '../core/autocorrelation';
import type { History } from '../core/history';
import { medianAbsoluteDeviation, quantileSorted, standardDeviation } from '../core/statistics';

/** Longest period that is looked for: a week of minutes, of which a forecaster can look back at two. */
const LONGEST_PERIOD = 10_080;
const SHORTEST_CALENDAR_PERIOD = 4;
const SHORTEST_PERIOD = 3;
/** The newest samples that are looked at: 45 days of minutes. */
const MAX_SAMPLES = 65_536;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** So many times a period must be there to be found, and so many days for a week. */
const FEWEST_CYCLES = 3;
const FEWEST_DAYS = 15;
/** Share of the variance that a period's profile must explain, beside what chance would give it. */
const LEAST_EXPLAINED = 0.05;
/** A peak of the autocorrelation must be so high, and so far above the valleys at its sides. */
const LEAST_PEAK = 0.1;
const LEAST_PROMINENCE = 0.15;
/** The shortest period wins whose peak has this share of the best one's. */
const NEARLY_BEST = 0.6;
/** Values are clipped to so many robust deviations, so that a few wild ones do not hide a period. */
const CLIP_DEVIATIONS = 4;

/**
 * The seasonal periods of a series in samples, the shortest first; none where none stands out. A day or a week of the
 * calendar is taken if the profile over it explains something; else the shortest of the most prominent peaks of the
 * autocorrelation for which that holds. Where there are at least fifteen days (or what stands for them), the week follows: an algorithm
 * that shrinks what it finds in it loses nothing. Looks at the newest 65,536 samples, for periods of up to 10,080.
 */
export function findPeriods({ target, stepMs }: Pick<History, 'target' | 'stepMs'>): number[] {
  const newest = clipped(target.subarray(Math.max(0, target.length - MAX_SAMPLES)));
  // Wild values show fully only once the slow changes are taken off.
  const values = clipped(withoutTrend(newest, Math.max(5, Math.floor(newest.length / 4))));
  const period = calendarPeriod(values, stepMs) ?? prominentPeriod(values);
  if (period === undefined) return [];
  const isWeek = period * stepMs === WEEK_MS;
  const hasWeek = !isWeek && values.length >= FEWEST_DAYS * period && period >= SHORTEST_CALENDAR_PERIOD;
  return hasWeek && 7 * period <= LONGEST_PERIOD ? [period, 7 * period] : [period];
}

/** A copy without wild values: within some deviations of the median. */
function clipped(values: Float64Array): Float64Array {
  if (values.length === 0) return values;
  const median = quantileSorted(values.slice().sort(), 0.5);
  // The robust deviation is next to nothing where most values are the same: then a rare pulse is no mistake.
  const robust = 1.4826 * medianAbsoluteDeviation(values);
  const reach = Math.max(CLIP_DEVIATIONS * robust, standardDeviation(values));
  return values.map((value) => Math.min(median + reach, Math.max(median - reach, value)));
}

function calendarPeriod(values: Float64Array, stepMs: number): number | undefined {
  const candidates = [DAY_MS, WEEK_MS].map((ms) => ms / stepMs);
  return candidates.find(
    (period) =>
      Number.isInteger(period) &&
      period >= SHORTEST_CALENDAR_PERIOD &&
      period <= LONGEST_PERIOD &&
      values.length >= FEWEST_CYCLES * period &&
      explained(values, period) > LEAST_EXPLAINED + period / values.length,
  );
}

/**
 * Share of the variance that the mean profile over a period explains (adjusted R²), once the trend is taken off. By
 * chance it is about 0, give or take less than one over the number of cycles.
 */
function explained(samples: Float64Array, period: number): number {
  const values = withoutTrend(samples, period);
  const { length } = values;
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  values.forEach((value, i) => {
    sums[i % period]! += value;
    counts[i % period]! += 1;
  });
  const mean = sums.reduce((sum, each) => sum + each, 0) / length;
  let residual = 0;
  let total = 0;
  values.forEach((value, i) => {
    residual += (value - sums[i % period]! / counts[i % period]!) ** 2;
    total += (value - mean) ** 2;
  });
  return total > 0 ? 1 - residual / (length - period) / (total / (length - 1)) : 0;
}

/** The values less their moving mean over `width` neighbours, fewer at the ends. */
function withoutTrend(values: Float64Array, width: number): Float64Array {
  const { length } = values;
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + values[i]!;
  const half = Math.floor(width / 2);
  return values.map((value, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(length, i + half + 1);
    return value - (sums[to]! - sums[from]!) / (to - from);
  });
}

interface Peak {
  readonly lag: number;
  readonly strength: number;
}

function prominentPeriod(values: Float64Array): number | undefined {
  const longest = Math.min(LONGEST_PERIOD + LONGEST_PERIOD / 2, Math.floor(values.length / FEWEST_CYCLES));
  if (longest < 2 * SHORTEST_PERIOD) return undefined;
  const correlations = autocorrelations(values, longest);
  const peaks = prominentPeaks(correlations);
  const best = Math.max(...peaks.map(({ strength }) => strength));
  const strong = peaks.filter(({ strength }) => strength >= NEARLY_BEST * best);
  return strong
    .map(({ lag }) => refined(correlations, lag))
    .find((period) => {
      // Of many peaks, one looks like something by chance: more is asked than of the calendar.
      return explained(values, period) > LEAST_EXPLAINED + (3 * period) / values.length;
    });
}

function prominentPeaks(correlations: Float64Array): Peak[] {
  const peaks: Peak[] = [];
  for (let lag = SHORTEST_PERIOD; lag < Math.min(correlations.length - 1, LONGEST_PERIOD + 1); lag++) {
    const height = correlations[lag]!;
    const isPeak = height > LEAST_PEAK && height >= correlations[lag - 1]! && height > correlations[lag + 1]!;
    if (!isPeak) continue;
    const half = Math.floor(lag / 2);
    const before = Math.min(...correlations.subarray(half, lag));
    const after = Math.min(...correlations.subarray(lag, lag + half + 1));
    const prominence = height - Math.max(before, after);
    if (prominence > LEAST_PROMINENCE) peaks.push({ lag, strength: prominence + height });
  }
  return peaks;
}

/** The period whose multiples lie on the peaks: a peak at six times the period tells it to a sixth of a sample. */
function refined(correlations: Float64Array, lag: number): number {
  let period = lag;
  for (let multiple = 2; multiple * period + multiple < correlations.length; multiple++) {
    const centre = Math.round(multiple * period);
    const reach = Math.max(1, Math.floor(period / 8));
    let peak = centre;
    for (let near = Math.max(1, centre - reach); near <= Math.min(correlations.length - 1, centre + reach); near++) {
      if (correlations[near]! > correlations[peak]!) peak = near;
    }
    period = peak / multiple;
  }
  return Math.max(SHORTEST_PERIOD, Math.round(period));
}
