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
const MAX_ROWS = 8000;

/** Ridge regression on lagged samples, all outputs with one penalty. */
export function fitLagModel({ series, columns, outputs, terms, from, to, fromNewest }: LagProblem): LagModel {
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

/** Covariances of columns, from those with `less` 1 the first column subtracted. */
function covariances({ size, count, products }: Products, means: Float64Array, less: Float64Array): Float64Array {
  const plain = products.map((sum, cell) => sum / count - means[Math.floor(cell / size)]! * means[cell % size]!);
  if (!less.includes(1)) return plain;
  return plain.map((value, cell) => {
    const [i, j] = [Math.floor(cell / size), cell % size];
    return value - less[j]! * plain[i * size]! - less[i]! * plain[j]! + less[i]! * less[j]! * plain[0]!;
  });
}

/** What columns and terms are at one origin. */
export class LagInputs {
  readonly values: Float64Array;

  constructor(private readonly model: LagModel) {
    this.values = new Float64Array(model.columns.length + model.terms);
  }

  /**
   * @param window - series up to the origin and perhaps beyond
   * @param origin - index in the window of the first sample that is not known
   * @param terms - the calendar terms at the origin
   */
  read(window: readonly Float64Array[], origin: number, terms: ArrayLike<number>): void {
    const { columns } = this.model;
    for (let i = 0; i < columns.length; i++) {
      const { series, near, far } = columns[i]!;
      const samples = window[series]!;
      let sum = 0;
      for (let lag = near; lag <= far; lag++) sum += samples[origin - lag]!;
      this.values[i] = sum / (far - near + 1);
    }
    this.values.set(terms, columns.length);
  }

  output(c: number): number {
    const { outputs, coefficients, intercepts } = this.model;
    let sum = intercepts[c]!;
    for (let i = 0; i < this.values.length; i++) sum += coefficients[i * outputs + c]! * this.values[i]!;
    return sum;
  }
}
