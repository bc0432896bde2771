import { minimise } from '../../core/nelder-mead';
import { FEWEST_FOR_SLOPE } from '../classical/line';

/** How a Theta model goes on from a deseasonalised series. */
export interface ThetaRates {
  /** α, 0…1: of the level. */
  readonly level: number;
  /** 1 − 1/θ, 0…1: the share of the long-run slope in the forecast; a half with θ = 2. */
  readonly weight: number;
}

/** The share of the slope that θ stands for; θ from 1 on. */
export const weightOf = (theta: number): number => 1 - 1 / theta;

const STARTS = [-2, 1];

/**
 * Steps that a level which follows a line at the rate α lags behind its next value, after `samples` of it.
 * In the form of R. Hyndman, B. Billah: Unmasking the Theta method. International Journal of Forecasting 19, 2003.
 */
export const lagOf = (alpha: number, samples: number): number => (1 - (1 - alpha) ** samples) / alpha;

/**
 * The level's rate and, where it is not given, the share of the slope, with the least squared errors. Each forecast
 * looked at knows only the slope of the samples before it (the dynamic form), so that the share is an honest one.
 * @param rest - the series without its season
 * @param start - the level before its first sample
 * @param leads - steps ahead at which the errors count
 * @param weight - the share of the slope; undefined: fitted
 * @returns also the mean squared error
 */
export function fitTheta(
  rest: Float64Array,
  start: number,
  leads: readonly number[],
  weight: number | undefined,
): ThetaRates & { readonly error: number } {
  const slopes = runningSlopes(rest);
  const levels = new Float64Array(rest.length);
  const at = ([x]: Float64Array): ThetaRates & { readonly error: number } => {
    const alpha = 1e-3 + (1 - 2e-3) / (1 + Math.exp(-x!));
    let level = start;
    for (let t = 0; t < rest.length; t++) levels[t] = level += alpha * (rest[t]! - level);
    return { level: alpha, ...bestWeight(rest, levels, slopes, alpha, leads, weight) };
  };
  const found = STARTS.map((from) => minimise((x) => at(x).error, [from], { tolerance: 1e-5, precision: 0.02 }));
  return at(found.reduce((a, b) => (b.value < a.value ? b : a)).at);
}

/** Errors are linear in the share of the slope, so that the best one is known at once. */
function bestWeight(
  rest: Float64Array,
  levels: Float64Array,
  slopes: Float64Array,
  alpha: number,
  leads: readonly number[],
  given: number | undefined,
): { readonly weight: number; readonly error: number } {
  let [square, cross, slant] = [0, 0, 0];
  for (const lead of leads) {
    const count = rest.length - lead;
    let missing = 1;
    for (let t = 0; t < count; t++) {
      missing *= 1 - alpha;
      const left = rest[t + lead]! - levels[t]!;
      const drift = slopes[t]! * (lead - 1 + (1 - missing) / alpha);
      square += (left * left) / count;
      cross += (left * drift) / count;
      slant += (drift * drift) / count;
    }
  }
  const weight = given ?? (slant > 0 ? Math.min(1, Math.max(0, cross / slant)) : 0);
  return { weight, error: Math.max(0, square - weight * (2 * cross - weight * slant)) / leads.length };
}

/** The slope of the least-squares line through the samples up to each; 0 while there are few. */
function runningSlopes(values: Float64Array): Float64Array {
  let [sum, moment] = [0, 0];
  return values.map((value, t) => {
    sum += value;
    moment += t * value;
    const n = t + 1;
    return n < FEWEST_FOR_SLOPE ? 0 : (12 * (moment - (t / 2) * sum)) / (n * (n * n - 1));
  });
}
