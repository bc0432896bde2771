import { medianInPlace } from '../core/statistics';

/**
 * What is left of values without their seasons: for each period, the shortest first, each phase's median distance from
 * the level of its season is taken off, a steady drift apart. Level shifts and outliers in a few seasons leave no trace in the others.
 * @param periods - in samples, each at least 2 and there at least twice
 */
export function withoutSeasons(values: Float64Array, periods: readonly number[]): Float64Array {
  const left = values.slice();
  for (const period of periods) {
    const seasons = Math.floor(left.length / period);
    const first = left.length - seasons * period;
    const levels = Float64Array.from({ length: seasons }, (_, season) => {
      const from = first + season * period;
      return medianInPlace(left.slice(from, from + period));
    });
    const slope = driftOf(levels) / period;
    const same = new Float64Array(seasons);
    const profile = Float64Array.from({ length: period }, (_, phase) => {
      for (let season = 0; season < seasons; season++) {
        same[season] = left[first + season * period + phase]! - levels[season]! - slope * (phase - (period - 1) / 2);
      }
      return medianInPlace(same);
    });
    const shift = period - (first % period);
    for (let i = 0; i < left.length; i++) left[i]! -= profile[(i + shift) % period]!;
  }
  return left;
}

/** The usual change from season to season; of two equally usual ones the smaller, which a change of level did not make. */
function driftOf(levels: Float64Array): number {
  const changes = levels
    .slice(1)
    .map((level, i) => level - levels[i]!)
    .sort();
  const [low, high] = [changes[(changes.length - 1) >> 1]!, changes[changes.length >> 1]!];
  if (low < 0 && high > 0) return 0;
  return Math.abs(low) < Math.abs(high) ? low : high;
}
