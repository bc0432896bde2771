import type { Detector, Explanation, ModelState, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { StateReader } from '../core/state-reader';
import { mean, quantileSorted } from '../core/statistics';
import { columnOf, type Table } from '../core/table';
import { tensor } from '../core/tensor';
import { checkRow, checkScoringTable } from './input';
import { resolutionOf } from './resolution';

/** Where a feature usually is and how far from there it usually strays, in the feature's unit. */
export interface Spread {
  readonly centre: number;
  readonly scale: number;
}

/** What tells one of these detectors from another. */
export interface SpreadRule {
  /** @param sorted - a feature's training values in rising order */
  spread(sorted: Float64Array): Spread;
  /** Distance from the centre, in scales, at which the raw score is 0. */
  readonly zeroAt: number;
  /** Half-width of the expected range, in scales: the method's usual limit. */
  readonly reach: number;
}

/** Expected mean absolute deviation of a normal distribution with deviation 1, inverted. */
const DEVIATIONS_PER_MEAN_DEVIATION = Math.sqrt(Math.PI / 2);
/** Scale of a constant feature, relative to its value: a change by a few percent is far outside. */
const CONSTANT_SCALE = 0.01;

/**
 * Each feature by itself, the worst one deciding: raw score = max over features of |x − centre| / scale, minus
 * `zeroAt`. Sees no dependencies between features. Costs nanoseconds a feature.
 */
export class PerFeatureDetector implements Detector {
  readonly #rule: SpreadRule;
  readonly #centre: Float64Array;
  readonly #scale: Float64Array;

  private constructor(
    rule: SpreadRule,
    readonly features: readonly string[],
    centre: Float64Array,
    scale: Float64Array,
  ) {
    this.#rule = rule;
    this.#centre = centre;
    this.#scale = scale;
  }

  static fit(rule: SpreadRule, x: Table, run: Run): PerFeatureDetector {
    const width = x.columns.length;
    const centre = new Float64Array(width);
    const scale = new Float64Array(width);
    for (let c = 0; c < width; c++) {
      throwIfAborted(run.signal);
      const sorted = columnOf(x, c).sort();
      const spread = rule.spread(sorted);
      centre[c] = spread.centre;
      scale[c] = soundScale(sorted, spread);
      run.onProgress?.((c + 1) / width);
    }
    return new PerFeatureDetector(rule, [...x.columns], centre, scale);
  }

  static restore(rule: SpreadRule, state: StateReader): PerFeatureDetector {
    const features = state.features();
    const centre = state.tensor('centre', Float64Array, features.length);
    const scale = state.tensor('scale', Float64Array, features.length, (value) => value > 0 && value < Infinity);
    return new PerFeatureDetector(rule, features, centre, scale);
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x);
    const width = this.features.length;
    const scores = new Float64Array(x.rows);
    for (let r = 0; r < x.rows; r++) {
      let worst = 0;
      for (let c = 0; c < width; c++) worst = Math.max(worst, this.#distance(x.data[r * width + c]!, c));
      scores[r] = worst - this.#rule.zeroAt;
    }
    return scores;
  }

  /** Shares go by squared distance, so that one feature far out is not drowned by many that are where they should be. */
  explain(row: Float64Array): Explanation {
    checkRow(this.features, row);
    const distances = row.map((value, c) => this.#distance(value, c));
    const worst = distances.reduce((a, b) => Math.max(a, b));
    const squares = distances.map((distance) => (worst > 0 ? (distance / worst) ** 2 : 1));
    const sum = squares.reduce((a, b) => a + b);
    const { reach } = this.#rule;
    return {
      shares: squares.map((square) => square / sum),
      low: this.#centre.map((centre, c) => centre - reach * this.#scale[c]!),
      high: this.#centre.map((centre, c) => centre + reach * this.#scale[c]!),
    };
  }

  snapshot(): ModelState {
    return {
      scalars: { features: this.features },
      tensors: { centre: tensor(this.#centre), scale: tensor(this.#scale) },
    };
  }

  /** Distance of a value from its feature's centre, in scales; finite for every finite value. */
  #distance(value: number, feature: number): number {
    return Math.min(Math.abs(value - this.#centre[feature]!) / this.#scale[feature]!, Number.MAX_VALUE);
  }
}

/**
 * The method's scale, made safe against features that hardly move:
 * - where more than half of the values are equal and a robust scale is 0, the mean absolute deviation takes its place
 *   (as Iglewicz and Hoaglin 1993 do for the modified z-score);
 * - it is never finer than the feature's resolution, the smallest step between two training values, so that the
 *   toggling of a sensor's last digit is no anomaly;
 * - a constant feature gets 1 % of its value, or 0.01 where it is 0.
 */
function soundScale(sorted: Float64Array, { centre, scale }: Spread): number {
  const resolution = resolutionOf(sorted);
  if (resolution === Infinity) return CONSTANT_SCALE * (Math.abs(centre) || 1);
  const sound = scale > 0 ? scale : DEVIATIONS_PER_MEAN_DEVIATION * meanDeviation(sorted);
  return Math.max(sound, resolution);
}

/** Mean absolute deviation from the median. */
function meanDeviation(sorted: Float64Array): number {
  const median = quantileSorted(sorted, 0.5);
  return mean(sorted.map((value) => Math.abs(value - median)));
}
