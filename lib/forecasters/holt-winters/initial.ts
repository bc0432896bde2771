import { deseasonalise, seasonOfWindow, type SeasonKind } from '../classical/decompose';
import { FEWEST_FOR_SLOPE, leastSquaresLine } from '../classical/line';
import type { States, TrendKind } from './smoothing';

/** What the level starts from is at least the mean of so many samples. */
const FEWEST_FOR_LEVEL = 10;

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
  const season = seasonOfWindow(values, phases, kind, learned);
  const rest = deseasonalise(values, phases, season, kind);
  const first = Math.max(period, FEWEST_FOR_LEVEL);
  const slope =
    trend === 'none' || rest.length < Math.max(2 * period, FEWEST_FOR_SLOPE) ? 0 : leastSquaresLine(rest).slope;
  const head = rest.subarray(0, first);
  const level = head.reduce((a, b) => a + b, 0) / head.length - (slope * (head.length + 1)) / 2;
  return { level, slope, season, lowest: Math.max(Number.MIN_VALUE, 1e-6 * meanSize(values)) };
}

const meanSize = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
