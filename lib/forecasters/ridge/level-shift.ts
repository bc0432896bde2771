import { mean, median } from '../../core/statistics';
import type { LagModel } from './lag-model';

/** Fewer residuals than these say nothing of what is usual. */
const MIN_RESIDUALS = 24;
/** A shift is believed after so many samples. */
const MIN_AGE = 4;
/** Deviations by which the residuals after the first must speak for it. */
const MIN_EVIDENCE = 8;
/** Share of the range of usual levels by which the new one must lie outside. */
const MARGIN = 0.2;
/** Samples that make a level. */
const LEVEL_SAMPLES = 3;
/** The largest residuals are where a shift may have begun. */
const CANDIDATES = 8;
const DEVIATIONS_PER_MAD = 1.4826;
const TINY = 1e-9;

/** The range that the mean of a few samples kept to: two numbers, low and high. */
export function usualLevels(values: Float64Array): Float64Array {
  const samples = Math.min(LEVEL_SAMPLES, values.length);
  let low = Infinity;
  let high = -Infinity;
  for (let end = samples; end <= values.length; end++) {
    const level = mean(values.subarray(end - samples, end));
    low = Math.min(low, level);
    high = Math.max(high, level);
  }
  return Float64Array.of(low, high);
}

export interface LevelShift {
  readonly size: number;
  /** Samples since it began, the first included; Infinity: it began before all that were looked at. */
  readonly age: number;
}

/**
 * Finds a shift of the level from what a recursive model did not foresee. A model fitted around one level takes another
 * for a passing deviation and returns to the old one; yet its residuals show it: after a shift of the level by d at step
 * 0 they are d · r₀, d · r₁ …, where rₖ is 1 less the coefficients of the first k lags (C. Chen, L.-M. Liu: Forecasting
 * time series with outliers. Journal of Forecasting 12, 1993). What has come and gone in training is left to the model:
 * only a level that was never seen is a shift.
 */
export class LevelShifts {
  /** rₖ for k from 0 to the largest lag, from where on it stays as it is. */
  readonly #response: Float64Array;

  /** @param levels - those of the training, see `usualLevels` */
  constructor(
    { columns, outputs, coefficients }: LagModel,
    private readonly levels: Float64Array,
  ) {
    const own = columns.map(({ series, near }, i) => ({ lag: near, value: coefficients[i * outputs]!, series }));
    const lags = own.filter(({ series }) => series === 0);
    this.#response = new Float64Array(Math.max(...lags.map(({ lag }) => lag)) + 1);
    for (const { lag, value } of lags) this.#response[lag]! -= value;
    this.#response[0] = 1;
    for (let k = 1; k < this.#response.length; k++) this.#response[k]! += this.#response[k - 1]!;
  }

  /** Whether any stretch of the newest samples lies at a new level; where none does, no shift will be found. */
  mayFind(samples: Float64Array): boolean {
    let sum = 0;
    for (let age = 1; age <= samples.length; age++) {
      sum += samples[samples.length - age]!;
      if (age >= MIN_AGE && this.#isNew(sum / age)) return true;
    }
    return false;
  }

  /**
   * @param residuals - of the newest samples: what came less what the model had expected one step before
   * @param samples - the same samples
   */
  find(residuals: Float64Array, samples: Float64Array): LevelShift | undefined {
    const count = residuals.length;
    if (count < MIN_RESIDUALS) return undefined;
    const middle = median(residuals);
    const noise = DEVIATIONS_PER_MAD * median(residuals.map((value) => Math.abs(value - middle))) + TINY;
    let best: (LevelShift & { readonly explained: number }) | undefined;
    for (const start of candidates(residuals)) {
      const found = this.#fit(residuals, start, noise);
      if (found && found.explained > (best?.explained ?? 0)) best = found;
    }
    return best && this.#isNew(mean(samples.subarray(Math.max(0, count - best.age)))) ? best : undefined;
  }

  /** A shift at sample `start`, or before all samples where that is −1. */
  #fit(residuals: Float64Array, start: number, noise: number): (LevelShift & { explained: number }) | undefined {
    const last = this.#response.length - 1;
    let [along, power] = [0, 0];
    for (let t = residuals.length - 1; t > start; t--) {
      const response = this.#response[start < 0 ? last : Math.min(last, t - start)]!;
      along += residuals[t]! * response;
      power += response * response;
    }
    if (power < TINY) return undefined;
    // The first residual alone could be a passing outlier: the others must say the same.
    const evidence = along / Math.sqrt(power) / noise;
    if (start >= 0) {
      along += residuals[start]!;
      power += 1;
    }
    const size = along / power;
    if (evidence * Math.sign(size) < MIN_EVIDENCE) return undefined;
    return { size, age: start < 0 ? Infinity : residuals.length - start, explained: along * size };
  }

  #isNew(level: number): boolean {
    const low = this.levels[0]!;
    const high = this.levels[1]!;
    const margin = MARGIN * (high - low);
    return level < low - margin || level > high + margin;
  }
}

/** Where the largest residuals are, those too new left out; −1 for before all of them. */
function candidates(residuals: Float64Array): number[] {
  const sizes = residuals.subarray(0, residuals.length - MIN_AGE + 1).map(Math.abs);
  const chosen = [-1];
  for (let c = 0; c < CANDIDATES; c++) {
    const largest = sizes.reduce((best, size, i) => (size > sizes[best]! ? i : best), 0);
    chosen.push(largest);
    sizes[largest] = -1;
  }
  return chosen;
}
