import type { History } from '../../core/history';
import { mean, standardDeviation } from '../../core/statistics';
import type { Recipe } from './recipe';

/** How values become the small numbers that a network likes. */
export interface Scales {
  /** One number a series, the target first. */
  readonly centre: Float64Array;
  readonly deviation: Float64Array;
  /** Usual size of the target's changes within a window. */
  readonly change: number;
}

/** Distances, as shares of the window, over which changes are measured. */
const DISTANCES = 8;
/** Deviations below this share of the values are the last digits' noise. */
const FINEST = 1e-9;

export function scalesOf(history: History, window: number, values: Recipe['values']): Scales {
  const series = [history.target, ...history.others];
  const centre = new Float64Array(series.length);
  const deviation = new Float64Array(series.length);
  series.forEach((each, s) => {
    let spread: number;
    if (values === 'plain') {
      centre[s] = each.reduce((a, b) => Math.min(a, b));
      spread = each.reduce((a, b) => Math.max(a, b)) - centre[s];
    } else {
      centre[s] = mean(each);
      spread = standardDeviation(each);
    }
    // A constant series gets 1 % of its value, or 0.01 where it is 0.
    deviation[s] = spread > FINEST * Math.abs(centre[s]) ? spread : 0.01 * (Math.abs(centre[s]) || 1);
  });
  const change = changeOf(history.target, window);
  return { centre, deviation, change: change > FINEST * deviation[0]! ? change : deviation[0]! };
}

/** Root mean square of the changes over up to a window. */
function changeOf(target: Float64Array, window: number): number {
  let [sum, count] = [0, 0];
  for (let part = 1; part <= DISTANCES; part++) {
    const distance = Math.max(1, Math.round((window * part) / DISTANCES));
    for (let i = distance; i < target.length; i++, count++) sum += (target[i]! - target[i - distance]!) ** 2;
  }
  return Math.sqrt(sum / count);
}
