/** Of the largest differences so many are left out: those across changes of level. */
const LEFT_OUT = 0.2;
/** Mean square of the other 80 % of normally distributed numbers of variance 1. */
const SHARE_OF_VARIANCE = 0.4377;
/** Differences are taken over up to a twentieth of the values, within these bounds: each change of level spoils so many. */
const LAGS = { min: 6, max: 12 };

/**
 * How much the mean of many values strays, times the root of their count: the long-run standard deviation, from
 * differences of values near one another, so that a few changes of level hardly matter. Where these keep growing with
 * the distance, the values are taken for an autoregressive process that reaches further than the differences do.
 * @param values - at least 10
 */
export function levelNoise(values: Float64Array): number {
  const n = values.length;
  const half = Math.min(LAGS.max, Math.max(LAGS.min, Math.floor(n / 20))) >> 1;
  const variances = Array.from({ length: 2 * half }, (_, i) => varianceAt(values, i + 1));
  const far = variances.slice(half).sort((a, b) => a - b);
  const variance = far[half >> 1]!;
  const farthest = variances.at(-1)!;
  if (variance === 0) return Math.sqrt(farthest);
  const chance = 2 / Math.sqrt(n);
  const correlations = variances.map((each) => 1 - each / variance);
  const until = correlations.findIndex((correlation) => correlation < chance);
  const summed = correlations.slice(0, until < 0 ? undefined : until).reduce((sum, each) => sum + 2 * each, 1);
  // Half as far apart, values of such a process have 1 / (1 + φ^half) of the variance.
  const growth = Math.min(1, farthest / Math.max(variances[half - 1]!, farthest * Number.EPSILON) - 1);
  const persistence = growth > 2 * chance ? Math.min(1 - 2 / n, Math.pow(growth, 1 / half)) : 0;
  const wholeVariance = variance / (1 - Math.pow(persistence, 2 * half));
  const process = (wholeVariance * (1 + persistence)) / (1 - persistence);
  return Math.sqrt(Math.max(variance * summed, process));
}

/** Half the mean square of differences that far apart: the variance less what the two have in common. */
function varianceAt(values: Float64Array, lag: number): number {
  const squares = new Float64Array(values.length - lag);
  for (let i = 0; i < squares.length; i++) squares[i] = (values[i + lag]! - values[i]!) ** 2;
  const kept = Math.ceil((1 - LEFT_OUT) * squares.length);
  squares.sort();
  let sum = 0;
  for (let i = 0; i < kept; i++) sum += squares[i]!;
  return sum / kept / SHARE_OF_VARIANCE / 2;
}
