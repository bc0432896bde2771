import { deseasonalise, seasonOf, type SeasonKind } from '../classical/decompose';
import { leastSquaresLine } from '../classical/line';
import type { States, TrendKind } from './smoothing';

/** With less, a slope is rather noise. */
const FEWEST_FOR_SLOPE = 10;

/**
 * Where the recursion starts: the season by classical decomposition of the window, the slope of the least-squares line
 * through what is left, and the level of its first period, taken back along that line. A state that is slow to follow
 * thus starts near its least-squares value, and one that is quick forgets where it started.
 * @param learned - the season at the end of the training, for windows shorter than two periods
 */
export function initialStates(
  values: Float64Array,
  phases: Uint32Array,
  { season: kind, trend }: { readonly season: SeasonKind; readonly trend: TrendKind },
  learned: Float64Array,
): States {
  const period = learned.length;
  const { size, positive } = describe(values);
  const whole = values.length >= 2 * period && (kind === 'additive' || positive);
  const season = whole ? seasonOf(values, phases, period, kind) : learned.slice();
  const rest = deseasonalise(values, phases, season, kind);
  const first = Math.max(period, FEWEST_FOR_SLOPE);
  const slope = trend === 'none' || rest.length < 2 * first ? 0 : leastSquaresLine(rest).slope;
  const head = rest.subarray(0, first);
  const level = head.reduce((a, b) => a + b, 0) / head.length - (slope * (head.length + 1)) / 2;
  return { level, slope, season, lowest: Math.max(Number.MIN_VALUE, 1e-6 * size) };
}

/** Mean size of the values, and whether all are above 0. */
function describe(values: Float64Array): { readonly size: number; readonly positive: boolean } {
  let sum = 0;
  let positive = true;
  for (const value of values) {
    sum += Math.abs(value);
    if (!(value > 0)) positive = false;
  }
  return { size: sum / values.length, positive };
}
