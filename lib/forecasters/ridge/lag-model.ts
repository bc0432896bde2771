import { ridgeByGcv } from '../../core/ridge';
import type { LagColumn } from './lag-columns';
import { laggedProducts, rowProducts, type Products } from './products';

/** Outputs as a linear function of lagged samples and calendar terms. */
export interface LagModel {
  readonly columns: readonly LagColumn[];
  /** Calendar terms, which come after the columns. */
  readonly terms: number;
  readonly outputs: number;
  /** `(columns + terms) × outputs`, row-major. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

/** What a `LagModel` is fitted on. */
export interface LagProblem {
  /** Equally long, mean 0 and deviation 1. */
  readonly series: readonly Float64Array[];
  readonly columns: readonly LagColumn[];
  readonly outputs: readonly LagColumn[];
  /** One series a calendar term, the same length: its value at an origin is known there. */
  readonly terms: readonly Float64Array[];
  /** Origins are `from` … `to` − 1. */
  readonly from: number;
  readonly to: number;
  /** Whether the newest sample, which must be the first column, is taken from the first series' columns and outputs before the fit. */
  readonly fromNewest: boolean;
}

/** Origins beyond this number are thinned out where columns are means. */
export const MAX_ROWS = 8000;
/** From fewer origins nothing can be learned. */
const MIN_ORIGINS = 8;

/** Ridge regression on lagged samples, all outputs with one penalty. */
export function fitLagModel({ series, columns, outputs, terms, from, to, fromNewest }: LagProblem): LagModel {
  if (to - from < MIN_ORIGINS) return keepNewest(columns, terms.length, outputs);
  const termColumns = terms.map((_, i) => ({ series: series.length + i, near: 0, far: 0 }));
  const all = [...columns, ...termColumns, ...outputs];
  const everything = [...series, ...terms];
  const stride = Math.max(1, Math.floor((to - from) / MAX_ROWS));
  const products = columns.some(({ near, far }) => near !== far)
    ? rowProducts(everything, all, from, to, stride)
    : laggedProducts(everything, all, from, to);

  // Whether the newest sample is subtracted: 1 or 0 for each of `all`.
  const less = Float64Array.from(all, ({ series: s }) => (fromNewest && s === 0 ? 1 : 0));
  const means = products.sums.map((sum) => sum / products.count);
  const covariance = covariances(products, means, less);
  const [size, inputs] = [all.length, columns.length + terms.length];
  const gram = new Float64Array(inputs * inputs);
  const cross = new Float64Array(inputs * outputs.length);
  let power = 0;
  for (let i = 0; i < inputs; i++) {
    gram.set(covariance.subarray(i * size, i * size + inputs), i * inputs);
    cross.set(covariance.subarray(i * size + inputs, (i + 1) * size), i * outputs.length);
  }
  for (let i = inputs; i < size; i++) power += covariance[i * size + i]!;

  const moments = { columns: inputs, outputs: outputs.length, samples: products.count, gram, cross, power };
  const { coefficients } = ridgeByGcv(moments);
  const newest = means[0]!;
  const intercepts = Float64Array.from(outputs, (_, c) => {
    let sum = means[inputs + c]! - less[inputs + c]! * newest;
    let taken = 0;
    for (let i = 0; i < inputs; i++) {
      const coefficient = coefficients[i * outputs.length + c]!;
      sum -= coefficient * (means[i]! - less[i]! * newest);
      taken += coefficient * less[i]!;
    }
    // The newest sample, put back, is but a part of its own coefficient.
    coefficients[c]! += less[inputs + c]! - taken;
    return sum;
  });
  return { columns, terms: terms.length, outputs: outputs.length, coefficients, intercepts };
}

/** Every series stays at its newest sample. */
function keepNewest(columns: readonly LagColumn[], terms: number, outputs: readonly LagColumn[]): LagModel {
  const coefficients = new Float64Array((columns.length + terms) * outputs.length);
  outputs.forEach(({ series }, c) => {
    const newest = columns.findIndex((column) => column.series === series && column.near === 1);
    coefficients[newest * outputs.length + c] = 1;
  });
  return { columns, terms, outputs: outputs.length, coefficients, intercepts: new Float64Array(outputs.length) };
}

/** Covariances of columns, from those with `less` 1 the first column subtracted. */
function covariances({ size, count, products }: Products, means: Float64Array, less: Float64Array): Float64Array {
  const newest = Float64Array.from(means, (mean, i) => products[i]! / count - means[0]! * mean);
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const plain = products[i * size + j]! / count - means[i]! * means[j]!;
      const taken = less[j]! * newest[i]! + less[i]! * newest[j]! - less[i]! * less[j]! * newest[0]!;
      out[i * size + j] = plain - taken;
    }
  }
  return out;
}

/** A model's equations, ready to be solved at any origin. */
export class LagEquations {
  readonly #series: Uint32Array;
  readonly #near: Uint32Array;
  readonly #far: Uint32Array;
  readonly #inputs: Float64Array;
  readonly #outputs: Float64Array;
  /** One output from single samples of the target: the most frequent case, and one sum. */
  readonly #isSum: boolean;

  constructor(private readonly model: LagModel) {
    const { columns, terms, outputs } = model;
    this.#isSum = outputs === 1 && columns.every(({ series, near, far }) => series === 0 && near === far);
    this.#series = Uint32Array.from(columns, ({ series }) => series);
    this.#near = Uint32Array.from(columns, ({ near }) => near);
    this.#far = Uint32Array.from(columns, ({ far }) => far);
    this.#inputs = new Float64Array(columns.length + terms);
    this.#outputs = new Float64Array(outputs);
  }

  /**
   * @param window - series up to the origin and perhaps beyond
   * @param origin - index in the window of the first sample that is not known
   * @param terms - the calendar terms at the origin
   * @returns the outputs, in an array that the next call writes to
   */
  solve(window: readonly Float64Array[], origin: number, terms: Float64Array): Float64Array {
    const { coefficients, intercepts } = this.model;
    const out = this.#outputs;
    out.set(intercepts);
    if (this.#isSum) {
      out[0]! += this.#sum(window[0]!, origin, terms);
      return out;
    }
    this.#read(window, origin);
    const inputs = this.#inputs;
    inputs.set(terms, this.#near.length);
    for (let i = 0, cell = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      for (let c = 0; c < out.length; c++, cell++) out[c]! += coefficients[cell]! * input;
    }
    return out;
  }

  #sum(samples: Float64Array, origin: number, terms: Float64Array): number {
    const near = this.#near;
    const { coefficients } = this.model;
    let sum = 0;
    for (let i = 0; i < near.length; i++) sum += coefficients[i]! * samples[origin - near[i]!]!;
    for (let i = 0; i < terms.length; i++) sum += coefficients[near.length + i]! * terms[i]!;
    return sum;
  }

  #read(window: readonly Float64Array[], origin: number): void {
    const inputs = this.#inputs;
    const near = this.#near;
    const far = this.#far;
    for (let i = 0; i < near.length; i++) {
      const samples = window[this.#series[i]!]!;
      const from = near[i]!;
      const to = far[i]!;
      let sum = samples[origin - from]!;
      if (to > from) {
        for (let lag = from + 1; lag <= to; lag++) sum += samples[origin - lag]!;
        sum /= to - from + 1;
      }
      inputs[i] = sum;
    }
  }
}
