import { leastSquaresLine } from '../classical/line';

/** Two-sided 90 % of the normal distribution. */
const LIMIT = 1.645;

/**
 * Whether a series has a season of this length: its autocorrelation at that lag, beside a straight line, is too large
 * for chance, given those at the lags before.
 * Source: V. Assimakopoulos, K. Nikolopoulos: The theta model. International Journal of Forecasting 16, 2000.
 */
export function isSeasonal(values: Float64Array, period: number): boolean {
  const n = values.length;
  const { level, slope } = leastSquaresLine(values);
  const rest = values.map((value, i) => value - level - slope * i);
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += rest[i]! * rest[i - lag]!;
    return sum;
  };
  const variance = covariance(0);
  if (!(variance > 0)) return false;
  let squares = 0;
  for (let lag = 1; lag < period; lag++) {
    const correlation = covariance(lag) / variance;
    squares += correlation * correlation;
  }
  return covariance(period) / variance > LIMIT * Math.sqrt((1 + 2 * squares) / n);
}
